import { Relabeler, relabelRule, type RelabelRule } from '@ingot/kits'
import { blocks, capsule, defineComponent, targets } from '@ingot/sdk'
import { z } from 'zod'

export default defineComponent({
  name: 'discovery.relabel',
  stability: 'generally-available',
  summary: 'Changes the labels of targets, and drops targets, by rules.',
  docs: 'The rules are applied in their order. They are exported as well, for components that apply them themselves.',
  arguments: z.strictObject({
    targets: targets().describe('Targets to relabel.'),
    rule: blocks(relabelRule).default([]).describe('Rules to apply.'),
  }),
  exports: z.object({
    output: targets().describe('The targets that the rules have left.'),
    rules: capsule<readonly RelabelRule[]>('RelabelRules').describe('The rules themselves.'),
  }),
  run({ args, setExports, onUpdate, setHealth }) {
    const apply = ({ targets: given, rule }: typeof args) => {
      const relabeler = new Relabeler(rule)
      const output: Record<string, string>[] = []
      for (const target of given) {
        const labels = new Map(Object.entries(target))
        if (relabeler.applyTo(labels)) output.push(Object.fromEntries(labels))
      }
      setExports({ output, rules: rule })
    }
    apply(args)
    setHealth('healthy', 'relabeled targets')
    onUpdate(apply)
  },
})
