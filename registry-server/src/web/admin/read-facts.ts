import type { Registry } from '../../registry.ts'
import { countText } from '../parts/sizes.ts'
import { expiryWord } from './keys-page.ts'
import { mirrorWord } from './mirrors-page.ts'
import type { AdminFact } from './overview-page.ts'

/** Versions in quarantine that one page lists. */
export const quarantinedMax = 500
/** Jobs that are looked at for those that fail: they come first. */
const jobsLookedAt = 100

/** What may want attention of those who run the registry. */
export async function readFacts({ meta, mirrors, keys }: Registry): Promise<AdminFact[]> {
  const [stages, quarantined, depth, jobs, upstreams, rotation] = await Promise.all([
    meta.stages.waiting(),
    meta.versions.quarantined(quarantinedMax),
    meta.outbox.depth(),
    meta.outbox.waiting(jobsLookedAt),
    mirrors.states(),
    keys.rotation(),
  ])
  const held = stages.filter(({ reasons }) => reasons.includes('near_name')).length
  const failing = jobs.filter(({ attempts }) => attempts > 0).length
  const down = upstreams.filter((state) => mirrorWord(state)[1] === 'bad').length
  const [expiry, level] = expiryWord(keys.root, new Date())
  return [
    {
      title: 'Waiting versions',
      path: '/admin/waiting',
      state: stages.length === 0 ? 'none' : `${stages.length} wait`,
      level: stages.length === 0 ? 'good' : 'warn',
      text:
        held === 0
          ? 'Of all scopes. No name is held.'
          : `Of all scopes. ${countText(held, 'name is', 'names are')} held.`,
    },
    {
      title: 'Quarantine',
      path: '/admin/quarantine',
      state: quarantined.length === 0 ? 'none' : countText(quarantined.length, 'version'),
      level: quarantined.length === 0 ? 'good' : 'info',
      text: 'Versions that are handed out to nobody who does not insist.',
    },
    {
      title: 'Jobs',
      path: '/admin/jobs',
      state: depth === 0 ? 'none' : countText(depth, 'job'),
      level: failing > 0 ? 'bad' : depth > 0 ? 'info' : 'good',
      text:
        failing === 0 ? 'What follows from events. Nothing fails.' : `${countText(failing, 'job fails', 'jobs fail')}.`,
    },
    {
      title: 'Mirrors',
      path: '/admin/mirrors',
      state: upstreams.length === 0 ? 'none' : countText(upstreams.length, 'mirror'),
      level: down > 0 ? 'bad' : 'good',
      text: down === 0 ? 'Registries that are read through this one.' : `${down} cannot be asked or believed.`,
    },
    {
      title: 'Keys',
      path: '/admin/keys',
      state: keys.root.expires === undefined ? `version ${keys.root.version}` : `expires: ${expiry}`,
      level: rotation.newest > keys.root.version ? 'warn' : level,
      text:
        rotation.newest > keys.root.version
          ? `Version ${rotation.newest} is installed: start this server again to use it.`
          : 'What this registry signs with, and until when that is believed.',
    },
    {
      title: 'Audit trail',
      path: '/admin/audit',
      state: 'to search',
      level: 'info',
      text: 'Who did what, and with which token.',
    },
  ]
}
