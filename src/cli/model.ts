/** Learned models on the command line: read, merged, written. */
import { ModelError, mergeModels } from '../engine/nesting/index.ts';
import { type Command, CommandError, Exit, parse, UsageError } from './command.ts';
import { jsonFile } from './jsonFile.ts';
import { writePieces } from './output.ts';

export const MODEL_OPTION = { type: 'string', multiple: true, default: [] as string[] } as const;
export const MODEL_HELP = `  --model FILE          choose by what was learned before instead of learning (repeatable: merged)`;
export const SAVE_MODEL_HELP = `  --save-model FILE     write what these calls teach, for --model`;

/** The models of these files as one; undefined when there are none. */
export async function readModels(files: readonly string[], algorithm: string): Promise<unknown> {
  if (files.length === 0) return undefined;
  if (algorithm !== 'default' && algorithm !== 'joint')
    throw new UsageError(`"${algorithm}" doesn't learn: --model goes with the default algorithm`);
  const models: unknown[] = [];
  for (const file of files) models.push(await jsonFile(file, 'The model'));
  try {
    return mergeModels(models);
  } catch (e) {
    if (e instanceof ModelError)
      throw new CommandError(`${files.join(', ')}: ${e.message}`, 'Write one with: tracenest nest CALLS --save-model FILE');
    throw e;
  }
}

export async function writeModelFile(file: string, model: unknown): Promise<void> {
  if (model === undefined) throw new UsageError('This algorithm learns nothing that could be saved; use the default one');
  await writePieces(file, [`${JSON.stringify(model)}\n`]);
}

export const model: Command = {
  name: 'model',
  usage: `Usage: tracenest model FILE... --out FILE

Merges models that "tracenest nest --save-model" or "tracenest analyze --save-model" wrote: the result is what one would
have been that had seen all of their calls. The order of the files doesn't matter.

  --out FILE            where to write ("-" or none: standard output)
`,
  async run(args) {
    const { values, positionals } = parse(args, { out: { type: 'string', short: 'o', default: '-' } });
    if (positionals.length === 0) throw new UsageError('Which models?');
    await writeModelFile(values.out, await readModels(positionals, 'default'));
    return Exit.ok;
  },
};
