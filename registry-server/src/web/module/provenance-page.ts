import { verifyPublish, type DsseEnvelope, type RootDocument } from '@ingot/trust'
import { integrityOfHex } from '@ingot/trust'
import { moduleKey } from '@ingot/manifest'
import { assets } from '../assets/assets.ts'
import { html, type Html } from '../html.ts'
import { prettyJson } from '../log/log-entry-page.ts'
import { dateOf } from '../parts/time.ts'
import { trustTexts } from '../parts/trust.ts'
import { moduleFrame } from './module-frame.ts'
import type { ModuleView } from './read-module.ts'

interface Bundle {
  readonly statement: DsseEnvelope
  readonly inclusion: { readonly index: number; readonly proof: readonly string[]; readonly checkpoint: string }
}

/** `/@s/n/<v>/provenance`: who says so, by which key, and how to check it without believing this page. */
export function provenancePage(view: ModuleView, root: RootDocument): string {
  const { name, shown, registryUrl, rootFingerprint } = view
  const bundle = JSON.parse(shown.bundle) as Bundle
  const [, trustText] = trustTexts[shown.trust] ?? trustTexts[0]
  const payload = Buffer.from(bundle.statement.payload, 'base64').toString()
  return moduleFrame(
    view,
    'security',
    html`<div class="stack">
      <section class="stack">
        <h2>Who published ${shown.version}</h2>
        <dl class="facts">
          <dt>Publisher</dt>
          <dd>${shown.publisher}, ${trustText}</dd>
          <dt>When</dt>
          <dd>${dateOf(shown.publishedAt)}</dd>
          <dt>Digest</dt>
          <dd class="mono">${integrityOfHex('sha512', shown.sha512)}</dd>
          <dt>Log entry</dt>
          <dd><a href="/log/${shown.logIndex}">${shown.logIndex}</a></dd>
        </dl>
      </section>
      <section class="stack">
        <h2>Signed by</h2>
        <ul class="plain-list card">
          ${bundle.statement.signatures.map(({ keyid }) => signatureRow(view, bundle.statement, keyid, root))}
        </ul>
      </section>
      <section
        class="stack proof"
        data-module="${name}"
        data-version="${shown.version}"
        data-fingerprint="${rootFingerprint}"
      >
        <h2>Check it yourself</h2>
        <p class="soft">
          In this browser: it fetches the statement, the proof and the module, and computes everything anew. Compare the
          fingerprint of the root keys with one that you have from elsewhere:
        </p>
        <p class="mono digest">${rootFingerprint}</p>
        <p><button type="button" class="quiet" hidden>Check in this browser</button></p>
        <ol class="findings" hidden></ol>
        <p class="soft">By hand:</p>
        <div class="snippet">
          <button type="button" class="quiet" hidden>Copy</button>
          <pre tabindex="0"><code>${recipe(view, registryUrl)}</code></pre>
        </div>
      </section>
      <section class="stack">
        <h2>The statement</h2>
        <pre tabindex="0"><code>${prettyJson(payload)}</code></pre>
        <h3>The log's checkpoint after it</h3>
        <pre tabindex="0"><code>${bundle.inclusion.checkpoint}</code></pre>
      </section>
    </div>`,
    [assets.proof],
  )
}

function signatureRow({ name, shown }: ModuleView, statement: DsseEnvelope, keyid: string, root: RootDocument): Html {
  const key = root.keys[keyid]
  const role = root.roles.publish.keyids.includes(keyid) ? 'publish' : undefined
  const good = isGood(statement, moduleKey(name, shown.version), shown, root)
  return html`<li>
    <div class="row">
      <strong class="mono path">${keyid}</strong>
      ${role !== undefined && html`<span class="chip">this registry's ${role} key</span>`}
      ${!key && html`<span class="chip bad">unknown key</span>`}
      ${key?.revoked && html`<span class="chip bad">revoked: ${key.revoked.reason}</span>`}
      ${key && (good ? html`<span class="chip good">holds</span>` : html`<span class="chip bad">does not hold</span>`)}
    </div>
    ${key && html`<p class="small faint">valid from ${dateOf(key.validFrom)}${key.validTo !== undefined && html` to ${dateOf(key.validTo)}`}</p>`}
  </li>`
}

function isGood(
  statement: DsseEnvelope,
  module: string,
  { sha512, logIndex }: ModuleView['shown'],
  root: RootDocument,
): boolean {
  try {
    verifyPublish(statement, { module, sha512 }, root, logIndex)
    return true
  } catch {
    return false
  }
}

function recipe({ name, shown }: ModuleView, registryUrl: string): string {
  const url = registryUrl.replace(/\/$/, '')
  return `# the bytes are those of the digest above
curl -sS ${url}/blobs/sha512/${shown.sha512} | sha512sum
# the statement, what signs it, and its place in the log
curl -sS ${url}/m/${name}/${shown.version}/bundle.json
# the keys, and the log as it is now
curl -sS ${url}/keys/root.json
curl -sS ${url}/log/checkpoint`
}
