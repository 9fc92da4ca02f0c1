import { Command } from 'commander'
import { reportError } from './report-error.ts'

/** A command's file registers it; it is loaded only when it is asked for, so that `ingot fmt` does not load the engine. */
interface CommandModule {
  register(program: Command): void
}

const commands: Readonly<Record<string, () => Promise<CommandModule>>> = {
  run: () => import('./commands/run.ts'),
  validate: () => import('./commands/validate.ts'),
  fmt: () => import('./commands/fmt.ts'),
  module: () => import('./commands/module.ts'),
  registry: () => import('./commands/registry.ts'),
}

async function main(args: readonly string[]): Promise<void> {
  const program = new Command('ingot')
    .description('A telemetry collector whose every component is a versioned module')
    .showHelpAfterError()
  const wanted = commands[args[0] ?? '']
  for (const load of wanted ? [wanted] : Object.values(commands)) (await load()).register(program)
  await program.parseAsync(args, { from: 'user' })
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.exitCode = reportError(error)
}
