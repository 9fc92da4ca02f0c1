import type { Command } from 'commander'

/** The flags of every command that changes what is pinned. */
export function addChangeOptions(command: Command): Command {
  return command
    .requiredOption('--config <file>', 'configuration whose registry blocks say where modules come from')
    .option('--accept-capabilities', 'accepts powers that no grant block grants')
    .option('--dry-run', 'shows what would change, and writes nothing')
    .option('--json', 'prints the result as JSON')
}
