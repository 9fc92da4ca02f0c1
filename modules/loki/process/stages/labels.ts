import { fixed, labelName, withRules } from '@ingot/kits'
import { z } from 'zod'
import type { Step } from '../step.ts'

export const labelsStage = z.strictObject({
  values: z
    .record(labelName(), z.string().nullable())
    .describe('Labels to set, and the name of the value of each; an empty one is the label itself.'),
  source_type: z
    .enum(['extracted', 'structured_metadata'])
    .default('extracted')
    .describe('Where values are taken from.'),
})

export function compileLabels(args: z.output<typeof labelsStage>): Step {
  const labels = Object.entries(args.values).map(([label, source]) => ({ label, source: source || label }))
  if (args.source_type === 'structured_metadata') {
    return (entry) => {
      for (const { label, source } of labels) {
        const value = entry.metadata?.get(source)
        if (value === undefined) continue
        entry.setLabel(label, value)
        entry.deleteMetadata(source)
      }
    }
  }
  return (entry) => {
    for (const { label, source } of labels) {
      const value = entry.extractedText(source)
      if (value !== undefined) entry.setLabel(label, value)
    }
  }
}

export const staticLabelsStage = z.strictObject({
  values: z.record(labelName(), z.string().nullable()).describe('Labels to set, and their values.'),
})

export function compileStaticLabels(args: z.output<typeof staticLabelsStage>): Step {
  const labels = Object.entries(args.values)
  return (entry) => {
    for (const [label, value] of labels) if (value) entry.setLabel(label, value)
  }
}

export const labelListStage = z.strictObject({ values: z.array(z.string()).describe('Names of labels.') })

export function compileLabelDrop(args: z.output<typeof labelListStage>): Step {
  return (entry) => {
    for (const name of args.values) entry.deleteLabel(name)
  }
}

export function compileLabelKeep(args: z.output<typeof labelListStage>): Step {
  const kept = new Set(args.values)
  return (entry) => {
    for (const name of entry.labels.names) if (!kept.has(name)) entry.deleteLabel(name)
  }
}

export const tenantStage = withRules(
  z.strictObject({
    label: z.string().default('').describe('Label that holds the tenant.'),
    source: z.string().default('').describe('Extracted value that holds the tenant.'),
    value: z.string().default('').describe('The tenant itself.'),
  }),
  { rule: 'exactly_one', of: ['label', 'source', 'value'] },
)

/** Sets the label that `loki.write` takes the tenant from. */
export function compileTenant(args: z.output<typeof tenantStage>): Step {
  return (entry) => {
    const tenant = args.value || (args.label ? entry.labels.get(args.label) : entry.extractedText(args.source))
    if (tenant) entry.setLabel('__tenant_id__', tenant)
  }
}

export const metadataStage = z.strictObject({
  values: z
    .record(z.string(), z.string().nullable())
    .default({})
    .describe('Structured metadata to set, and the extracted value of each; an empty one is the name itself.'),
  regex: fixed(z.string(), '').describe('Not available: use values.'),
})

export function compileMetadata(args: z.output<typeof metadataStage>): Step {
  const values = Object.entries(args.values).map(([name, source]) => ({ name, source: source || name }))
  return (entry) => {
    for (const { name, source } of values) {
      const value = entry.extractedText(source)
      if (value !== undefined) entry.setMetadata(name, value)
    }
  }
}

export function compileMetadataDrop(args: z.output<typeof labelListStage>): Step {
  return (entry) => {
    for (const name of args.values) entry.deleteMetadata(name)
  }
}
