import { privacy } from '../later-words.ts';
import { Drill } from './Drill.tsx';
import { OfflineReadiness } from './OfflineReadiness.tsx';
import { PolicyInForce } from './PolicyInForce.tsx';
import { Receipt } from './Receipt.tsx';
import { RequestLedger } from './RequestLedger.tsx';
import './privacy.css';

/** What "on this device" means, what can be checked of it here and now, and where the claim ends. */
export function Privacy() {
  return (
    <div class="privacy">
      <section class="privacy__part">
        {privacy.paragraphs.map((paragraph) => (
          <p key={paragraph}>{paragraph}</p>
        ))}
      </section>
      <OfflineReadiness />
      <Drill />
      <RequestLedger />
      <PolicyInForce />
      <section class="privacy__part">
        <h3 class="privacy__heading">{privacy.limitsTitle}</h3>
        <ul class="privacy__limits">
          {privacy.limits.map((limit) => (
            <li key={limit}>{limit}</li>
          ))}
        </ul>
      </section>
      <Receipt />
    </div>
  );
}
