import { z } from 'zod'
import { moduleKeywords, moduleName, moduleVersion } from './names.ts'

const folder = z.string().regex(/^[A-Za-z0-9_][\w./-]*$/, 'want a folder beside module.ts')

/** What an author writes as the default export of `module.ts`; packing makes the manifest from it. */
export const moduleSource = z.strictObject({
  name: moduleName,
  version: moduleVersion,
  description: z.string().min(1),
  /** SPDX expression. */
  license: z.string().min(1),
  /** Words that people look for it by, beside those of its name, description and components. */
  keywords: moduleKeywords.optional(),
  /** Where the source is developed: an `https` address. */
  source: z.url({ protocol: /^https$/ }).optional(),
  kind: z.enum(['portable', 'native']).default('portable'),
  /** Folders, each with a `component.ts` whose default export is a component definition. */
  components: z.array(folder).default([]),
  /** Folders, each with a `function.ts` whose default export is a function definition. */
  functions: z.array(folder).default([]),
  /** Files with `declare` blocks. */
  configs: z.array(z.string().regex(/^[A-Za-z0-9_][\w.-]*\.alloy$/, 'want the name of an .alloy file')).default([]),
  dependencies: z.record(moduleName, z.string()).default({}),
})
export type ModuleSource = z.input<typeof moduleSource>
