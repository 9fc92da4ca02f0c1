import { onlineRoles, rootFingerprint, type RootDocument } from '@ingot/trust'
import type { RegistryKeys, Rotation } from '../../keys/registry-keys.ts'
import { html, type Html } from '../html.ts'
import { dateOf } from '../parts/time.ts'
import { adminFrame } from './admin-frame.ts'

const roleTexts = {
  root: 'Signs nothing but the documents that name all keys.',
  publish: 'Signs what is said of each version.',
  log: 'Signs the head of the log.',
  index: 'Signs that an index is the current one.',
} as const

/** `/admin/keys`: which keys sign what, and what is about to change. */
export function keysPage(keys: RegistryKeys, rotation: Rotation, now = new Date()): string {
  const { root } = keys
  const [word, level] = expiryWord(root, now)
  return adminFrame(
    'keys',
    html`${rotation.newest > root.version && html`<p class="banner warn" role="note">Version ${rotation.newest} of the keys is installed. This server uses version ${root.version} until it is started again.</p>`}
      ${
        rotation.hasRootKey &&
        html`<p class="banner warn" role="note">
          The root key lies on this server. It is wanted there only to change keys: keep it somewhere else.
        </p>`
      }
      <dl class="facts">
        <dt>Version</dt>
        <dd><a href="/keys/root.json">${root.version}</a></dd>
        <dt>Registry</dt>
        <dd>${root.registry}</dd>
        <dt>Fingerprint</dt>
        <dd class="mono">${rootFingerprint(root)}</dd>
        <dt>Expires</dt>
        <dd>${root.expires !== undefined && dateOf(root.expires)} <span class="chip ${level}">${word}</span></dd>
        <dt>Before</dt>
        <dd class="row">
          ${[...keys.roots.keys()].filter((version) => version < root.version).map((version) => html`<a href="/keys/${version}.root.json">${version}</a>`)}
          ${keys.roots.size === 1 && html`<span class="faint">none</span>`}
        </dd>
      </dl>
      ${(['root', ...onlineRoles] as const).map((role) => rolePart(role, keys, rotation))}${formerPart(root)}`,
  )
}

/** Whether the keys go on being believed; before that ends there must be time to change them. */
export function expiryWord({ expires }: RootDocument, now: Date): [string, 'good' | 'info' | 'warn' | 'bad'] {
  const noticeMs = 30 * 24 * 3_600_000
  if (expires === undefined) return ['never', 'info']
  const leftMs = Date.parse(expires) - now.getTime()
  if (leftMs <= 0) return ['expired', 'bad']
  return leftMs < noticeMs ? ['soon', 'warn'] : ['not soon', 'good']
}

function rolePart(role: keyof typeof roleTexts, keys: RegistryKeys, { waiting }: Rotation): Html {
  const { keyids, threshold } = keys.root.roles[role] ?? { keyids: [], threshold: 0 }
  const used = role === 'root' ? undefined : keys[role].publicKey.keyId
  const next = role === 'root' ? undefined : waiting[role]
  return html`<section class="stack">
    <h2>${role} <span class="small faint">${threshold} of ${keyids.length} must sign</span></h2>
    <p class="soft">${roleTexts[role]}</p>
    <ul class="plain-list card">
      ${keyids.map((id) => keyRow(id, keys.root, id === used ? html`<span class="chip info">this server signs with it</span>` : undefined))}
      ${
        next !== undefined &&
        html`<li class="row between">
          <span class="mono">${next}</span><span class="chip warn">waits for a root document that names it</span>
        </li>`
      }
    </ul>
  </section>`
}

function keyRow(id: string, root: RootDocument, chip: Html | undefined): Html {
  const key = root.keys[id]
  return html`<li class="row between">
    <div>
      <span class="mono">${id}</span>
      <p class="small faint">
        ${key && html`since ${dateOf(key.validFrom)}`}${key?.validTo !== undefined && html`, until ${dateOf(key.validTo)}`}
      </p>
    </div>
    ${key?.revoked ? html`<span class="chip bad">revoked: ${key.revoked.reason}</span>` : chip}
  </li>`
}

/** Keys of former days: what they have signed stays believed. */
function formerPart(root: RootDocument): Html | undefined {
  const named = new Set(Object.values(root.roles).flatMap((role) => role?.keyids ?? []))
  const former = Object.keys(root.keys).filter((id) => !named.has(id))
  if (former.length === 0) return undefined
  return html`<section class="stack">
    <h2>Former keys</h2>
    <ul class="plain-list card">
      ${former.map((id) => keyRow(id, root, undefined))}
    </ul>
  </section>`
}
