import { CommandError, Exit, UsageError } from './command.ts';
import { COMMANDS } from './commands.ts';
import { endQuietlyOnClosedOutput, tell } from './output.ts';
import { VERSION } from './version.ts';

function overview(): string {
  const width = Math.max(...COMMANDS.map((c) => c.name.length));
  const list = COMMANDS.map((c) => `  ${c.name.padEnd(width)}  ${c.summary}`).join('\n');
  return `tracenest ${VERSION}: see how requests flow through services, from packets alone

Usage: tracenest COMMAND [ARGUMENTS]

${list}

tracenest help COMMAND says more about one of them.
`;
}

async function main(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args;
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${VERSION}\n`);
    return Exit.ok;
  }
  const asksHelp = ['help', '--help', '-h'].includes(name);
  const wanted = asksHelp ? (rest[0] ?? '') : name;
  const entry = COMMANDS.find((c) => c.name === wanted);
  if (asksHelp || (entry && rest.some((a) => a === '--help' || a === '-h'))) {
    if (wanted !== '' && !entry) return wrong(`There is no command "${wanted}".`, overview());
    process.stdout.write(entry ? (await entry.load()).usage : overview());
    return Exit.ok;
  }
  if (!entry) return wrong(name === '' ? 'Which command?' : `There is no command "${name}".`, overview());
  const command = await entry.load();
  try {
    return await command.run(rest);
  } catch (e) {
    if (e instanceof UsageError) return wrong(e.message, command.usage);
    if (e instanceof CommandError) {
      tell(`tracenest ${name}: ${e.message}${e.next === '' ? '' : `\n  ${e.next}`}`);
      return Exit.nothing;
    }
    // A defect of ours: say so in one line; the stack only for who asks.
    const detail = process.env['TRACENEST_DEBUG'] && e instanceof Error ? `\n${e.stack}` : '';
    tell(
      `tracenest ${name}: this is a defect of tracenest: ${e instanceof Error ? e.message : String(e)}${detail}\n  Please report it. TRACENEST_DEBUG=1 shows where it happened.`,
    );
    return Exit.nothing;
  }
}

function wrong(message: string, usage: string): number {
  tell(`tracenest: ${message}\n`);
  process.stderr.write(usage);
  return Exit.usage;
}

endQuietlyOnClosedOutput();
main(process.argv.slice(2)).then((code) => {
  // Not process.exit: what is still being written to a pipe must arrive.
  process.exitCode = code;
});
