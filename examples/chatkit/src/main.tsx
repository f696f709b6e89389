// A page of a book with the panel beside it.

import {StrictMode} from 'react';
import {createRoot} from 'react-dom/client';

import {BookChat} from './BookChat';
import {serverConfig} from './proxy';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
const config = await serverConfig();
createRoot(root).render(
  <StrictMode>
    <main style={{maxInlineSize: 640}}>
      <h1>Winter care</h1>
      <p>Open valve seven to drain the reservoir before the first frost.</p>
    </main>
    <BookChat config={config} />
  </StrictMode>,
);
