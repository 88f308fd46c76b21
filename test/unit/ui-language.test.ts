import { expect, test } from 'vitest';
import { languageOf, preferredLanguage } from '../../src/ui/chat/language.ts';

test.each([
  [['zh-CN', 'en'], 'zh'],
  [['zh-Hant-TW'], 'zh'],
  [['ZH'], 'zh'],
  [['en-GB', 'zh'], 'en'],
  [['fr-FR', 'zh-CN', 'en'], 'zh'],
  [['de', 'fr'], 'en'],
  [[], 'en'],
] as const)('somebody who reads %j is asked in %s', (languages, expected) => {
  expect(preferredLanguage(languages)).toBe(expected);
});

test.each([
  ['你好', 'zh'],
  ['按上方卡片的 Get：Qwen2.5-0.5B，491 MB，下载一次，之后离线可用。', 'zh'],
  ['No. Nothing you type is sent to a server.', undefined],
  ['The sign 好 means “good”.', undefined],
  ['これは日本語です。漢字もあります。', undefined],
  ['14.2', undefined],
  ['', undefined],
] as const)('“%s” is marked as %s', (text, expected) => {
  expect(languageOf(text)).toBe(expected);
});
