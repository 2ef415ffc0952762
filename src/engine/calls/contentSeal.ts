/**
 * Hashes of what requests say (protocols/contents.ts) on their way between stages. A record that leaves the process carries them encrypted: whoever
 * reads it without the key learns nothing, not even which requests say the same.
 */
export interface ContentSeal {
  seal(hashes: Int32Array): string;
  /** None where the text was sealed with another key, or by nobody. */
  open(sealed: string): Int32Array;
}
