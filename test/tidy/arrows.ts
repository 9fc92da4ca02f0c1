/** Who may import what of ours (the folders tell the story). Test files may also use what `tests` lists. */
export interface Arrow {
  readonly folder: string
  readonly may: readonly string[]
  readonly tests?: readonly string[]
}

const sdk = ['@ingot/sdk', '@ingot/telemetry', '@ingot/kits', '@ingot/manifest', '@ingot/trust']
const runtime = [
  '@ingot/syntax',
  '@ingot/graph',
  '@ingot/check',
  '@ingot/editor',
  '@ingot/loader',
  '@ingot/sandbox',
  '@ingot/capabilities',
  '@ingot/engine',
]

export const arrows: readonly Arrow[] = [
  { folder: 'sdk/telemetry', may: [] },
  { folder: 'sdk/manifest', may: [] },
  { folder: 'sdk/trust', may: [] },
  { folder: 'sdk/component', may: ['@ingot/telemetry'] },
  { folder: 'sdk/kits', may: ['@ingot/sdk', '@ingot/telemetry'], tests: ['@ingot/testing'] },
  { folder: 'sdk/testing', may: ['@ingot/sdk', '@ingot/telemetry', '@ingot/manifest'] },
  { folder: 'modules', may: ['@ingot/sdk', '@ingot/telemetry', '@ingot/kits'], tests: ['@ingot/testing'] },
  { folder: 'runtime/syntax', may: [] },
  { folder: 'runtime/graph', may: ['@ingot/syntax'] },
  {
    folder: 'runtime/check',
    may: ['@ingot/syntax', '@ingot/graph', '@ingot/manifest', '@ingot/kits'],
    tests: ['@ingot/sdk'],
  },
  { folder: 'runtime/editor', may: ['@ingot/syntax', '@ingot/graph', '@ingot/check', '@ingot/manifest'] },
  { folder: 'runtime/loader', may: ['@ingot/manifest', '@ingot/trust'], tests: ['@ingot/sdk'] },
  { folder: 'runtime/sandbox', may: ['@ingot/sdk', '@ingot/telemetry', '@ingot/manifest'] },
  { folder: 'runtime/capabilities', may: ['@ingot/sdk', '@ingot/telemetry', '@ingot/manifest'] },
  { folder: 'runtime/engine', may: [...sdk, ...runtime.filter((name) => name !== '@ingot/editor')] },
  { folder: 'registry-server', may: ['@ingot/manifest', '@ingot/trust'] },
  { folder: 'cli', may: [...sdk, ...runtime, '@ingot/registry-server', '@ingot/testing'] },
  { folder: 'examples/modules', may: ['@ingot/sdk', '@ingot/telemetry', '@ingot/kits'], tests: ['@ingot/testing'] },
]
