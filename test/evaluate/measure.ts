/**
 * Child process of the evaluation: receives blind calls, sends links back with time and peak memory. It has no access to the truth,
 * and a process per run makes peak memory its own.
 */
import { algorithm, type CallLine, compileNestingInput } from '../../src/engine/nesting/index.ts';
import { nestWindowed, WINDOWED } from './windowed.ts';

export interface Job {
  readonly algorithm: string;
  readonly lines: readonly CallLine[];
  /** Repeat (same result) and report the fastest, when the first run was shorter than this. */
  readonly repeatBelowMs: number;
  /** Use values that reappear in targets. */
  readonly values: boolean;
}
export interface Measured {
  readonly parent: Int32Array;
  readonly confidence: Float32Array;
  readonly candidates: Uint16Array;
  /** First run (code not yet optimised by the virtual machine) and the fastest. */
  readonly coldMs: number;
  readonly ms: number;
  /** Resident memory: with the compiled input before, at the peak. */
  readonly beforeMB: number;
  readonly peakMB: number;
}

process.on('message', (job: Job) => {
  const nesting = algorithm(job.algorithm);
  const windowed = job.algorithm === WINDOWED;
  if (!nesting && !windowed) throw new Error(`There is no algorithm "${job.algorithm}".`);
  const input = compileNestingInput(job.lines);
  const beforeMB = process.memoryUsage().rss / 2 ** 20;
  const runOnce = () => {
    const from = performance.now();
    const result = nesting ? nesting.nest(input, { useValues: job.values }) : nestWindowed(job.lines);
    return { result, ms: performance.now() - from };
  };
  const first = runOnce();
  let { ms } = first;
  for (let spent = first.ms; spent < job.repeatBelowMs; ) {
    const again = runOnce().ms;
    spent += again;
    ms = Math.min(ms, again);
  }
  const { parent, confidence, candidates } = first.result;
  if (windowed) sameWhenResumed(job, parent);
  const peakMB = process.resourceUsage().maxRSS / 1024;
  const measured: Measured = { parent, confidence, candidates, coldMs: first.ms, ms, beforeMB, peakMB };
  process.send!(measured, () => process.disconnect());
});

/** A run that was stopped and resumed three times must give the same links. */
function sameWhenResumed(job: Job, parent: Int32Array): void {
  const resumed = nestWindowed(job.lines, 3).parent;
  const different = parent.reduce((sum, p, row) => sum + (p === resumed[row] ? 0 : 1), 0);
  if (different > 0) throw new Error(`Stopped and resumed, ${different} links are different.`);
}
