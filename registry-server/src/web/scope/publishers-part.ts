import type { TrustedPublisherAnswer } from '../../routes/trusted-publishers.ts'
import { html, type Html } from '../html.ts'

export interface PublishersContent {
  readonly publishers: readonly TrustedPublisherAnswer[]
  readonly issuers: readonly string[]
  /** What a claim set was compared with. */
  readonly tested?: TestedClaims | undefined
}

export interface TestedClaims {
  readonly module: string
  readonly issuer: string
  /** As it was pasted. */
  readonly claims: string
  readonly publishers: readonly {
    readonly id: string
    readonly mismatches: readonly { readonly claim: string; readonly found: string | null; readonly wanted: string }[]
  }[]
}

/** Of the settings: which workflows may publish, and whether a set of claims is that of one. */
export function publishersPart(name: string, content: PublishersContent): Html {
  const { publishers } = content
  return html`<section class="stack" id="publishers">
    <h2>Trusted publishers</h2>
    <p class="soft">
      A workflow that publishes without a stored token: its forge vouches for it, for one version with one content at a
      time (<code>ingot module publish --oidc</code>).
    </p>
    ${
      publishers.length > 0 &&
      html`<ul class="plain-list card">
        ${publishers.map((publisher) => publisherRow(name, publisher))}
      </ul>`
    }
    ${addForm(name, content)} ${publishers.length > 0 && testForm(name, content)}
  </section>`
}

function publisherRow(name: string, publisher: TrustedPublisherAnswer): Html {
  const { id, module, issuer, repository, workflow, environment, refPattern, pending } = publisher
  return html`<li class="row between">
    <div>
      <p class="row">
        <a href="/${module}"><strong>${module}</strong></a
        >${pending && html`<span class="chip info">pending: nothing is published yet</span>`}
      </p>
      <p class="small path">
        ${repository}, ${workflow} <span class="faint">of ${issuer.replace('https://', '')}</span>
      </p>
      <p class="small faint">
        repository ${publisher.repositoryId}, owner
        ${publisher.ownerId}${environment !== null && html`, environment ${environment}`}${refPattern !== null && html`, ref ${refPattern}`}
      </p>
    </div>
    <form method="post" action="/${name}/settings/publishers">
      <input type="hidden" name="id" value="${id}" />
      <button class="quiet" name="do" value="remove" aria-label="Trust no more: ${repository} for ${module}">
        Trust no more
      </button>
    </form>
  </li>`
}

function addForm(name: string, { issuers }: PublishersContent): Html {
  const field = (label: string, field: string, placeholder: string, required = true): Html =>
    html`<label
      >${label} <input name="${field}" maxlength="200" placeholder="${placeholder}" ${required && html`required`}
    /></label>`
  return html`<details class="card padded">
    <summary>Trust a workflow</summary>
    <form class="fields-form" method="post" action="/${name}/settings/publishers">
      ${field('Module, which need not exist yet', 'module', `${name}/redact`)} ${issuerField(issuers)}
      ${field('Repository', 'repository', 'acme/redact')} ${field('Id of the repository', 'repositoryId', '12345')}
      ${field('Id of its owner', 'ownerId', '678')}
      <p class="small soft">
        Ids, since a name that was given up can be taken by somebody else. For GitHub:
        <code>gh api repos/acme/redact --jq '.id, .owner.id'</code>
      </p>
      ${field('File of the workflow', 'workflow', 'release.yml')}
      ${field('Environment (any, if empty)', 'environment', 'release', false)}
      ${field('Ref (any, if empty; * stands for anything)', 'refPattern', 'refs/tags/v*', false)}
      <button name="do" value="add">Trust it</button>
    </form>
  </details>`
}

function testForm(name: string, { issuers, tested }: PublishersContent): Html {
  return html`<details class="card padded" ${tested && html`open`}>
    <summary>Test this configuration</summary>
    ${tested && testResult(tested)}
    <form class="fields-form" method="post" action="/${name}/settings/publishers/test">
      <label
        >Module
        <input name="module" required maxlength="100" placeholder="${name}/redact" value="${tested?.module ?? ''}"
      /></label>
      ${issuerField(issuers, tested?.issuer)}
      <label
        >Claims of a run, as JSON
        <textarea name="claims" rows="8" required maxlength="16000" spellcheck="false">
${tested?.claims ?? ''}</textarea>
      </label>
      <p class="small soft">
        The middle part of an identity token, decoded. Nothing is published, and nothing is kept.
      </p>
      <button class="quiet">Compare</button>
    </form>
  </details>`
}

function issuerField(issuers: readonly string[], chosen?: string): Html {
  return html`<label
    >Issuer
    <select name="issuer">
      ${issuers.map((issuer) => html`<option ${issuer === chosen && html`selected`}>${issuer}</option>`)}
    </select></label
  >`
}

function testResult({ module, publishers }: TestedClaims): Html {
  if (publishers.length === 0) {
    return html`<p class="banner warn" role="status">Nothing of this issuer is trusted with ${module}.</p>`
  }
  if (publishers.some(({ mismatches }) => mismatches.length === 0)) {
    return html`<p class="banner good" role="status">This run may publish ${module}.</p>`
  }
  return html`<div class="banner bad" role="status">
    <p>This run may not publish ${module}:</p>
    ${publishers.map(
      ({ mismatches }) =>
        html`<ul>
          ${mismatches.map(
            ({ claim, found, wanted }) =>
              html`<li class="path"><code>${claim}</code>: found ${found ?? 'nothing'}, want ${wanted}</li>`,
          )}
        </ul>`,
    )}
  </div>`
}
