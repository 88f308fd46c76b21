/** For tests of what the page says: imported, it speaks English, as for most visitors. */
import { first, later } from '../../src/ui/words/en.ts';
import { speak } from '../../src/ui/spoken.ts';

speak(first, later);
