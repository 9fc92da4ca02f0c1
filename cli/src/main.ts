import { commandLine } from './command-line.ts'
import { reportError } from './report-error.ts'

const args = process.argv.slice(2)
try {
  await (await commandLine(args[0])).parseAsync(args, { from: 'user' })
} catch (error) {
  process.exitCode = reportError(error)
}
