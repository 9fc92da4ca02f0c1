import { Command } from 'commander'

/** A command's file registers it; it is loaded only when it is asked for, so that `ingot fmt` does not load the engine. */
interface CommandModule {
  register(program: Command): void
}

const commands: Readonly<Record<string, () => Promise<CommandModule>>> = {
  run: () => import('./commands/run.ts'),
  validate: () => import('./commands/validate.ts'),
  graph: () => import('./commands/graph.ts'),
  fmt: () => import('./commands/fmt.ts'),
  lsp: () => import('./commands/lsp.ts'),
  module: () => import('./commands/module.ts'),
  registry: () => import('./commands/registry.ts'),
}

/** The command line, with the one command that is asked for, or with all of them where it is none of these. */
export async function commandLine(asked?: string): Promise<Command> {
  const program = new Command('ingot')
    .description('A telemetry collector whose every component is a versioned module')
    .showHelpAfterError('(--help shows what there is)')
  const wanted = commands[asked ?? '']
  for (const load of wanted ? [wanted] : Object.values(commands)) (await load()).register(program)
  return program
}
