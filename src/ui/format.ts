/** Numbers as the language of the moment writes them. Read inside a component, they follow the language. */
import { computed } from '@preact/signals';
import { createFormat, type Format } from '../lib/format.ts';
import { numberWords } from './spoken.ts';

export { UNKNOWN } from '../lib/format.ts';

/** All of it, for sentences that take it along. */
export const format = computed(() => createFormat(numberWords.value));

export const formatCount: Format['count'] = (count) => format.value.count(count);
export const formatRate: Format['rate'] = (perSecond) => format.value.rate(perSecond);
export const formatFixed: Format['fixed'] = (value, digits) => format.value.fixed(value, digits);
export const formatPercent: Format['percent'] = (fraction) => format.value.percent(fraction);
export const formatShare: Format['share'] = (fraction) => format.value.share(fraction);
export const formatBytes: Format['bytes'] = (bytes) => format.value.bytes(bytes);
export const formatBytesOf: Format['bytesOf'] = (done, total) => format.value.bytesOf(done, total);
export const formatDuration: Format['duration'] = (elapsedMs) => format.value.duration(elapsedMs);
export const formatTimeLeft: Format['timeLeft'] = (leftMs) => format.value.timeLeft(leftMs);
export const formatDate: Format['date'] = (iso) => format.value.date(iso);
