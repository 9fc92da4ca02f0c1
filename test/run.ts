/** `npm test`: every check there is, and one closing line from the test runner's own counts. */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installServers, missingServers } from './servers/debian.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
const report = join(root, 'node_modules', '.ingot-test-report.json')
const env = { ...process.env, PATH: `${join(root, 'node_modules', 'node', 'bin')}:${process.env['PATH']}` }

interface Check {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
}
const checks: readonly Check[] = [
  { name: 'format', command: bin('oxfmt'), args: ['--check', '.'] },
  { name: 'lint', command: bin('oxlint'), args: ['--type-aware', '--deny-warnings'] },
  { name: 'types', command: bin('tsc'), args: ['-p', '.'] },
  { name: 'dead code', command: bin('knip'), args: [] },
]

interface Counts {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numFailedTestSuites: number
}

installServers()
const failed: string[] = []
for (const check of checks) if (!(await run(check))) failed.push(check.name)

rmSync(report, { force: true })
const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)]
if (!(await run({ name: 'tests', command: bin('vitest'), args }))) failed.push('tests')
const counts = JSON.parse(readFileSync(report, 'utf8')) as Counts

for (const name of missingServers()) process.stdout.write(`skipped for want of ${name}\n`)
if (process.env['CI'] && missingServers().length > 0) failed.push('servers')
if (process.env['CI'] && counts.numPendingTests > 0) failed.push('skipped tests')
if (failed.length > 0) process.stdout.write(`failed: ${failed.join(', ')}\n`)
const skipped = counts.numPendingTests > 0 ? `, ${counts.numPendingTests} skipped` : ''
process.stdout.write(`${counts.numPassedTests} passed, ${counts.numFailedTests} failed${skipped}\n`)
process.exitCode = failed.length === 0 ? 0 : 1

function run({ name, command, args: commandArgs }: Check): Promise<boolean> {
  process.stdout.write(`\n── ${name}\n`)
  return new Promise((resolve) => {
    const child = spawn(command, commandArgs, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', (error) => {
      process.stdout.write(`${error.message}\n`)
      resolve(false)
    })
    child.on('exit', (code) => resolve(code === 0))
  })
}
