import { expect, test } from 'vitest';
import { languageOf } from '../../src/ui/chat/language.ts';
import { LANGUAGES, preferredLanguage } from '../../src/ui/languages.ts';

test('a language is a file of words; who reads none of them reads English', () => {
  expect(LANGUAGES).toEqual(['en', 'zh-Hans']);
});

test.each([
  [['zh-CN', 'en'], 'zh-Hans'],
  [['zh-Hant-TW'], 'zh-Hans'],
  [['ZH'], 'zh-Hans'],
  [['en-GB', 'zh'], 'en'],
  [['fr-FR', 'zh-CN', 'en'], 'zh-Hans'],
  [['de', 'fr'], 'en'],
  [[], 'en'],
  [['no tag at all', 'zh'], 'zh-Hans'],
] as const)('somebody who reads %j is spoken to in %s', (languages, expected) => {
  expect(preferredLanguage(languages)).toBe(expected);
});

test('where a language comes in two scripts, each reader gets their own', () => {
  const spoken = ['en', 'zh-Hans', 'zh-Hant'];

  expect(preferredLanguage(['zh-TW'], spoken)).toBe('zh-Hant');
  expect(preferredLanguage(['zh-CN'], spoken)).toBe('zh-Hans');
  expect(preferredLanguage(['zh'], spoken)).toBe('zh-Hans');
});

test.each([
  ['你好', 'zh'],
  ['按上方卡片的 Get：Qwen2.5-0.5B，491 MB，下载一次，之后离线可用。', 'zh'],
  ['No. Nothing you type is sent to a server.', undefined],
  ['The sign 好 means “good”.', undefined],
  ['これは日本語です。漢字もあります。', ''],
  ['14.2', undefined],
  ['', undefined],
] as const)('on an English page “%s” is marked as %s', (text, expected) => {
  expect(languageOf(text, 'en')).toBe(expected);
});

test.each([
  ['你好', 'zh'],
  ['No. Nothing you type is sent to a server.', ''],
  ['14.2', undefined],
] as const)('on a Chinese page “%s” is marked as “%s”', (text, expected) => {
  expect(languageOf(text, 'zh-Hans')).toBe(expected);
});
