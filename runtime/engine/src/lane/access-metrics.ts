import type { FamilySnapshot } from '@ingot/capabilities'
import type { AccessCounts } from './protocol.ts'

export interface InstanceAccess {
  readonly id: string
  readonly access: AccessCounts
  /** Which of the instances of its component this is. */
  readonly share: number
}

/** What components were granted, used and were denied, as metrics. */
export function accessMetrics(instances: readonly InstanceAccess[]): FamilySnapshot[] {
  const series = (count: 'granted' | 'used' | 'denied', some = instances) =>
    some.flatMap(({ id: component_id, access }) =>
      Object.entries(access).map(([capability, one]) => ({ labels: { component_id, capability }, value: one[count] })),
    )
  return [
    {
      name: 'ingot_capability_targets',
      type: 'gauge',
      help: 'Targets that arguments and grants allow a component; 1 for a capability that has none.',
      // All instances of a component are allowed the same, and lanes are added up.
      series: series(
        'granted',
        instances.filter(({ share }) => share === 0),
      ),
    },
    {
      name: 'ingot_capability_uses_total',
      type: 'counter',
      help: 'Calls of a capability that were allowed.',
      series: series('used'),
    },
    {
      name: 'ingot_capability_denials_total',
      type: 'counter',
      help: 'Calls of a capability that were denied.',
      series: series('denied'),
    },
  ]
}
