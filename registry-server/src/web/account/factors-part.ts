import { html, type Html } from '../html.ts'
import { ageOf, dateOf } from '../parts/time.ts'

export interface FactorsContent {
  readonly totp: boolean
  readonly recoveryCodesLeft: number
  readonly passkeys: readonly {
    readonly id: string
    readonly name: string
    readonly createdAt: string
    readonly lastUsedAt: string | null
  }[]
}

/** Passkeys: made by the browser's script, named and removed without one. */
export function passkeysPart({ passkeys }: FactorsContent): Html {
  return html`<section class="stack">
    <h2>Passkeys</h2>
    <p class="soft">
      A passkey signs you in by your fingerprint, face or device PIN, and counts as both factors. No page of another
      site can make you use it there.
    </p>
    ${
      passkeys.length > 0 &&
      html`<ul class="plain-list card">
        ${passkeys.map(passkeyItem)}
      </ul>`
    }
    <form class="row" data-passkey="register" hidden>
      <input name="name" placeholder="Laptop" aria-label="Name of a new passkey" required maxlength="60" />
      <button class="quiet">Add a passkey</button>
      <p class="banner bad" role="alert" hidden></p>
    </form>
    <noscript
      ><p class="small faint">
        Adding a passkey needs JavaScript: a browser gives passkeys to scripts alone.
      </p></noscript
    >
    <div class="banner good" id="passkey-codes" role="status" hidden>
      <p>
        <strong>The passkey is added. Recovery codes, for when it is lost.</strong> They are shown this once:
        <a href="/account">go on</a> when you have kept them.
      </p>
      <pre tabindex="0"><code></code></pre>
    </div>
  </section>`
}

function passkeyItem({ id, name, createdAt, lastUsedAt }: FactorsContent['passkeys'][number]): Html {
  return html`<li class="row between">
    <div>
      <strong>${name}</strong>
      <p class="small faint">
        added ${dateOf(createdAt)},
        ${lastUsedAt === null ? 'never used to sign in' : html`last used ${ageOf(lastUsedAt)}`}
      </p>
    </div>
    <div class="row">
      <details>
        <summary aria-label="Rename ${name}">Rename</summary>
        <form class="row" method="post" action="/account/passkeys/rename">
          <input type="hidden" name="id" value="${id}" />
          <input name="name" value="${name}" aria-label="New name of ${name}" required maxlength="60" />
          <button class="quiet">Save</button>
        </form>
      </details>
      <form method="post" action="/account/passkeys/remove">
        <button class="quiet" name="id" value="${id}" aria-label="Remove ${name}">Remove</button>
      </form>
    </div>
  </li>`
}

/** TOTP and recovery codes. */
export function factorsPart({ totp, recoveryCodesLeft, passkeys }: FactorsContent): Html {
  return html`<section class="stack">
    <h2>Second factor</h2>
    ${
      totp
        ? html`<p class="soft">An authenticator is set up; ${recoveryCodesLeft} recovery codes are left.</p>`
        : html`<p class="soft">
              ${passkeys.length > 0 ? `Your passkeys are one; ${recoveryCodesLeft} recovery codes are left.` : 'None is set up.'}
              Approving versions and changing scopes wants one.
            </p>
            <form method="post" action="/account/totp"><button class="quiet">Set up an authenticator</button></form>`
    }
  </section>`
}
