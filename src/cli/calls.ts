import { calls as callLines } from '../engine/export/index.ts';
import { ANALYSIS_HELP, ANALYSIS_OPTIONS, CAPTURES_HELP, callsOf, tellReasons } from './analysing.ts';
import { type Command, Exit, parse, UsageError } from './command.ts';
import { contentKeyGiven } from './contentKey.ts';
import { writeParts } from './output.ts';

export const calls: Command = {
  name: 'calls',
  usage: `Usage: tracenest calls CAPTURE... --out FILE [options]

${CAPTURES_HELP}
Writes one JSON object a line, in order of start (captures that need more than --max-memory: in parts, each in order):
  id, caller, callee, callerInstance, calleeInstance, endpoint,
  callerStartUs, callerEndUs, calleeStartUs, calleeEndUs (microseconds since 1970, request's first byte to
  response's last; null: not seen; with one tap both sides are equal),
  transport, clientAddress, clientPort, serverAddress, serverPort,
  protocol, method, target, host, status, tenant, capture, requestFrame, responseFrame,
  requestBytes, responseBytes, uncertain, flags, traceKey, spanKey, parentSpanKey,
  requestEndUs, responseStartUs.
"tracenest nest" reads it.

  --out FILE            where to write ("-" or none: standard output)
  --contents            with what requests say, for "nest": hashes of ids in headers and bodies, encrypted under
                        TRACENEST_CONTENT_KEY of the environment (64 hexadecimal digits)
${ANALYSIS_HELP}

Exit codes: 0 done, also with a partial result (a capture that is missing, cut or damaged: said on standard error),
1 nothing usable in the captures, 2 wrong usage.
`,
  async run(args) {
    const { values, positionals } = parse(args, {
      ...ANALYSIS_OPTIONS,
      out: { type: 'string', short: 'o', default: '-' },
      contents: { type: 'boolean', default: false },
    });
    const key = values.contents ? contentKeyGiven() : null;
    if (values.contents && !key)
      throw new UsageError('--contents needs a key in TRACENEST_CONTENT_KEY: 64 hexadecimal digits (openssl rand -hex 32)');
    const status = await writeParts(values.out, (write) =>
      callsOf(positionals, values, (calls) => write(callLines(calls, key ?? undefined))),
    );
    tellReasons(status);
    return Exit.ok;
  },
};
