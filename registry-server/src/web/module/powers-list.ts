import { capabilitySentence, reachesOutside, type CapabilityDocument } from '@ingot/manifest'
import { html, type Html } from '../html.ts'
import { capabilityIcon } from '../parts/icons.ts'

/** Every power of a module in plain words, with the author's reason. */
export function powersList(document: CapabilityDocument): Html {
  const powers = Object.entries(document).flatMap(([capability, requests]) =>
    requests.map(
      (request) =>
        html`<li class="${!reachesOutside(capability) && 'quiet'}">
          ${capabilityIcon(capability)}<strong>${capabilitySentence(capability, request)}</strong>
          <span class="chip">${capability}</span>
          <p class="small soft">${request.why}</p>
        </li>`,
    ),
  )
  if (powers.length > 0)
    return html`<ul class="powers">
      ${powers}
    </ul>`
  return html`<ul class="powers none">
    <li>
      <strong>It asks the host for nothing.</strong>
      <p class="small soft">
        No files, no network, no environment: it sees the records that you send it, and nothing else.
      </p>
    </li>
  </ul>`
}
