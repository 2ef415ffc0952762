/** What the editor's own Node must have: node:sqlite, zstd, and what the Kafka client needs. VS Code 1.130 has it; forks may say so and not. */
const NEEDED = [24, 6] as const;

/** The version needed where this one (as process.versions.node) is older; null: it will do. */
export function neededNode(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
  return enough ? null : NEEDED.join('.');
}
