/** Why a driver failed, in one line, out of all that it said. */

/** What Spark's own scripts, shells and macOS say. */
const NO_JAVA = /JAVA_HOME is not set|java: (command )?not found|Unable to locate a Java Runtime/;
/** How our jobs refuse what they are asked. */
const REFUSED = /^Error: (.*)/;
/** As Python's argparse has it. */
const WRONG_USAGE = /^\S+\.py: error: (.*)/;
const TRACEBACK = /^Traceback \(most recent call last\):/;
const EXCEPTION = /^(\S*(Error|Exception)\b|.*\bERROR\b)/;
const WARNING = /^(\S+ \S+ )?(WARN|INFO|DEBUG)\b|^WARNING\b/;
const NO_PACKAGE = /No module named '(pandas|pyarrow|numpy)\b|\[PACKAGE_NOT_INSTALLED\]/;

export class Complaint {
  private refused = '';
  private python = '';
  private error = '';
  private last = '';
  /** In a Python traceback: its frames are indented, the exception is not; Java's comes in the line after that of py4j. */
  private inside: 'frames' | 'java' | null = null;

  /** A line of standard output, to which Spark sends all that Python says. */
  output(line: string): void {
    this.refused ||= REFUSED.exec(line)?.[1] ?? '';
    const usage = WRONG_USAGE.exec(line)?.[1];
    if (usage !== undefined) this.python = usage;
    else if (TRACEBACK.test(line)) this.inside = 'frames';
    else if (this.inside === 'frames' && !/^\s/.test(line)) {
      this.python = line;
      this.inside = line.includes('Py4JJavaError') ? 'java' : null;
    } else if (this.inside === 'java') {
      if (line.startsWith(': ')) this.python = line.slice(2);
      this.inside = null;
    }
  }

  /** A line of standard error: the driver's log. */
  log(line: string): void {
    const said = line.trim();
    if (WARNING.test(said)) return;
    this.last = said;
    if (NO_JAVA.test(line)) this.error = `Spark needs Java 17 or 21 and finds none (${said})`;
    else if (EXCEPTION.test(line)) this.error = line;
  }

  /** '' when nothing was said. */
  get text(): string {
    const text = this.refused || this.python || this.error || this.last;
    return NO_PACKAGE.test(text) ? `${text} (PySpark installs neither pandas nor pyarrow: pip install pandas pyarrow)` : text;
  }
}
