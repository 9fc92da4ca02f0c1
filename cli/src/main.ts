import { takeAlloyFlags } from './alloy-flags.ts'
import { commandLine } from './command-line.ts'
import { reportError } from './report-error.ts'

/** The commands that Alloy has as well. */
const alloyCommands = new Set(['run', 'validate'])

const args = process.argv.slice(2)
try {
  const { words, notes } = alloyCommands.has(args[0]!) ? takeAlloyFlags(args) : { words: args, notes: [] }
  for (const note of notes) process.stderr.write(`ingot: ${note}\n`)
  await (await commandLine(words[0])).parseAsync(words, { from: 'user' })
} catch (error) {
  process.exitCode = reportError(error)
}
