import { readFile } from 'node:fs/promises';
import { CommandError } from './command.ts';

/** A file that a person wrote. */
export async function textFile(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (e) {
    throw new CommandError(`${what} ${file} could not be read: ${e instanceof Error ? e.message : String(e)}`);
  }
}
export async function jsonFile(file: string, what: string): Promise<unknown> {
  const text = await textFile(file, what);
  try {
    return JSON.parse(text);
  } catch (e) {
    throw new CommandError(`${what} ${file} is not JSON: ${e instanceof Error ? e.message : String(e)}`);
  }
}
