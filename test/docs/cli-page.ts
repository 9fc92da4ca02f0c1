import { commandLine } from 'ingot'
import { code, fence, generatedNote, page } from './markdown.ts'

type Command = Awaited<ReturnType<typeof commandLine>>

/** Columns of the help's lines: the same wherever the pages are made. */
const helpColumns = 110

/** Every command with the help that it prints itself. */
export async function cliPage(): Promise<string> {
  return page(
    generatedNote,
    '# Command line',
    'From a checkout the command is `./ingot`. Addresses and paths that a command prints go to standard output, everything else to standard error; the exit code is 0 only when all went well.',
    ...commandsOf(await commandLine(), []).map(({ path, command }) =>
      page(`## ${code(path.join(' '))}`, fence('text', helpOf(command))),
    ),
  )
}

interface FoundCommand {
  readonly path: readonly string[]
  readonly command: Command
}

function commandsOf(command: Command, above: readonly string[]): FoundCommand[] {
  const path = [...above, command.name()]
  return [{ path, command }, ...command.commands.flatMap((inner) => commandsOf(inner, path))]
}

function helpOf(command: Command): string {
  command.configureOutput({ getOutHelpWidth: () => helpColumns, getOutHasColors: () => false })
  return command.helpInformation()
}
