import type { Failure } from '../shared/protocol.ts';
import { failure } from './reader.ts';

const code = (e: unknown): string => (e instanceof Error && 'code' in e ? String(e.code) : '');

/** A file system error in words. */
export function fileFailure(path: string, e: unknown): Failure {
  switch (code(e)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return failure(`${path} was not found`, 'There is no such file.', 'Check the path; it may have been moved or deleted.');
    case 'EACCES':
    case 'EPERM':
      return failure(
        `${path} may not be read`,
        'Permission denied.',
        'Captures written by root are often readable by root only: change the owner, e.g. sudo chown $USER FILE.',
      );
    case 'EISDIR':
      return failure(`${path} is a folder`, 'A capture is a file.', 'Give the captures in it, e.g. FOLDER/*.pcap.');
    case 'EMFILE':
      return failure(
        `${path} could not be opened`,
        'Too many files are open.',
        'Analyse fewer captures at once, or raise the limit (ulimit -n).',
      );
    default:
      return failure(
        `${path} could not be read`,
        e instanceof Error ? e.message : String(e),
        'Copy the file to a local disk and try again.',
      );
  }
}

export const emptyFile = (name: string): Failure =>
  failure(
    `${name}: the file is empty`,
    'It has 0 bytes.',
    'Was the capture stopped before its first packet was written? tcpdump -U writes each packet at once.',
    0,
  );

const PRINTABLE = /^[\t\n\r\x20-\x7e]*$/;
/** For input that is no capture in any format we read; says what it looks like. */
export function notACapture(name: string, first: Uint8Array): Failure {
  const shown = first.subarray(0, 8);
  const hex = Array.from(shown, (b) => b.toString(16).padStart(2, '0')).join(' ');
  const text = String.fromCharCode(...first.subarray(0, 24));
  const looks = PRINTABLE.test(text) ? ` (the text ${JSON.stringify(text)})` : '';
  return failure(
    `${name}: not a capture: first bytes ${hex}${looks}`,
    'A capture starts with a pcap (d4 c3 b2 a1, 4d 3c b2 a1) or pcapng (0a 0d 0d 0a) header.',
    looks
      ? 'This is text. Save the packets themselves, e.g. tcpdump -w FILE.'
      : 'Open it in the tool that wrote it and save it as pcap or pcapng.',
    0,
  );
}
