import { ContentKey } from '../session/contentKey.ts';

/** Of the run, from the driver; undefined: values in headers and bodies are to be left alone. */
export function contentKeyOfRun(): ContentKey | undefined {
  const text = process.env['TRACENEST_CONTENT_KEY'];
  if (!text) return undefined;
  const key = ContentKey.parse(text);
  if (!key) throw new Error('TRACENEST_CONTENT_KEY has not 64 hexadecimal digits');
  return key;
}
