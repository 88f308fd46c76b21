/** What views say that are fetched when they are first shown (parts/later.tsx); nothing else may read these. */
import { laterGroup } from './spoken.ts';

export const speech = laterGroup('speech');
export const keys = laterGroup('keys');
export const conversations = laterGroup('conversations');
export const shelf = laterGroup('shelf');
export const upkeep = laterGroup('upkeep');
export const xray = laterGroup('xray');
export const statistics = laterGroup('statistics');
export const kernelFacts = laterGroup('kernelFacts');
export const engineFacts = laterGroup('engineFacts');
export const settings = laterGroup('settings');
export const language = laterGroup('language');
export const engines = laterGroup('engines');
export const privacy = laterGroup('privacy');
export const offline = laterGroup('offline');
export const ledger = laterGroup('ledger');
export const policy = laterGroup('policy');
export const drill = laterGroup('drill');
export const receipts = laterGroup('receipts');
export const benchmark = laterGroup('benchmark');
export const writing = laterGroup('writing');
export const hostPolicy = laterGroup('hostPolicy');
