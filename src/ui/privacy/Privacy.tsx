import { privacy } from '../words.ts';
import './privacy.css';

/** What "on this device" means, and where the claim ends. */
export function Privacy() {
  return (
    <div class="privacy">
      {privacy.paragraphs.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
    </div>
  );
}
