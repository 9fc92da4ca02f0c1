import { validateConfiguration } from '@ingot/engine'
import { diagnosticsToJson, diagnosticsToSarif } from '@ingot/syntax'
import { Option, type Command } from 'commander'
import { moduleOption } from '../module-option.ts'
import { prepareModules } from '../prepare-modules.ts'
import { lockExitCode } from '../report-error.ts'
import { runOnce } from '../run-once.ts'

interface ValidateFlags {
  readonly 'stability.level': 'experimental' | 'public-preview' | 'generally-available'
  readonly 'feature.communityComponents.enabled'?: boolean
  readonly frozen?: boolean
  readonly offline?: boolean
  readonly module: readonly string[]
  readonly format: 'text' | 'json' | 'sarif'
}

/** `ingot validate <path>`: everything that can be known of a configuration without running it. */
export function register(program: Command): void {
  program
    .command('validate')
    .description('checks a configuration without running anything of it, and warns of what is surely not meant')
    .argument('<path>', 'file or folder')
    .addOption(
      new Option('--stability.level <level>', 'least stability of what may be used')
        .choices(['experimental', 'public-preview', 'generally-available'])
        .default('generally-available'),
    )
    .option('--feature.community-components.enabled', 'allows components that the community maintains')
    .option('--frozen', 'wants imports from elsewhere to be what ingot.lock pins')
    .option('--offline', 'takes modules from the cache and the vendor folder, and asks no registry')
    .addOption(
      new Option('--format <format>', 'text for people on standard error, or a document for tools on standard output')
        .choices(['text', 'json', 'sarif'])
        .default('text'),
    )
    .addOption(moduleOption())
    .action(validate)
}

async function validate(path: string, raw: Record<string, unknown>): Promise<void> {
  runOnce()
  const flags = raw as unknown as ValidateFlags
  const { errors, printed, diagnostics, texts, lockDisagrees } = await validateConfiguration({
    ...(await prepareModules(flags.module)),
    configPath: path,
    stabilityLevel: flags['stability.level'],
    communityComponents: flags['feature.communityComponents.enabled'] ?? false,
    frozen: flags.frozen ?? false,
    offline: flags.offline ?? false,
    color: process.stderr.isTTY,
  })
  if (flags.format === 'text') process.stderr.write(printed)
  else {
    const document =
      flags.format === 'json' ? diagnosticsToJson(diagnostics, texts) : diagnosticsToSarif(diagnostics, texts)
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
  }
  process.exitCode = errors === 0 ? 0 : lockDisagrees ? lockExitCode : 1
}
