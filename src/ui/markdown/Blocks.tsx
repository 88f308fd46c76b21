/**
 * What a model wrote, as elements. Each is made here, one by one, from an allowed few; nothing is ever parsed as HTML, so
 * that no reply can bring a script, a style, a form or an image into the page.
 */
import type { MarkedToken, Token, Tokens } from 'marked';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { unreachable } from '../../lib/assert.ts';
import { markdown as words } from '../words.ts';
import { CodeBlock } from './CodeBlock.tsx';
import { decodeReferences, showControls } from './plain-text.ts';
import { safeAddress } from './safe-address.ts';
import './markdown.css';

/** What lies deeper is shown as the text it is. */
const DEEPEST = 24;

export function Blocks({ tokens }: { readonly tokens: readonly Token[] }) {
  // The same element again for the same token: of a growing text, what is settled is not even compared.
  const [made] = useState(() => new WeakMap<Token, ComponentChildren>());
  const elements = tokens.map((token, index) => {
    const element = made.get(token) ?? block(token as MarkedToken, index, 0);
    made.set(token, element);
    return element;
  });
  return <>{elements}</>;
}

function block(token: MarkedToken, key: number, depth: number): ComponentChildren {
  if (depth > DEEPEST) return <p key={key}>{showControls(token.raw)}</p>;
  switch (token.type) {
    case 'space':
    case 'def':
      return null;
    case 'hr':
      return <hr key={key} />;
    case 'heading':
      return (
        <h3 class={`markdown__heading--${token.depth}`} dir="auto" key={key}>
          {inlines(token.tokens, depth)}
        </h3>
      );
    case 'paragraph':
      return (
        <p dir="auto" key={key}>
          {inlines(token.tokens, depth)}
        </p>
      );
    case 'blockquote':
      return (
        <blockquote key={key}>
          {token.tokens.map((inner, index) => block(inner as MarkedToken, index, depth + 1))}
        </blockquote>
      );
    case 'list':
      return <List key={key} list={token} depth={depth} />;
    case 'code':
      return <CodeBlock key={key} code={token.text} language={token.lang ?? ''} />;
    case 'table':
      return <Table key={key} table={token} depth={depth} />;
    case 'text':
      // Of a list item, whose text is no paragraph.
      return <span key={key}>{inlines(token.tokens ?? [token], depth)}</span>;
    case 'html':
      return (
        <p dir="auto" key={key}>
          {showControls(token.raw.trimEnd())}
        </p>
      );
    case 'br':
    case 'checkbox':
    case 'codespan':
    case 'del':
    case 'em':
    case 'escape':
    case 'image':
    case 'link':
    case 'list_item':
    case 'strong':
      return <span key={key}>{inline(token, 0, depth)}</span>;
    default:
      return unreachable(token);
  }
}

function List({ list, depth }: { readonly list: Tokens.List; readonly depth: number }) {
  const items = list.items.map((item, index) => (
    <li key={index} dir="auto">
      {item.tokens.map((inner, at) => block(inner as MarkedToken, at, depth + 1))}
    </li>
  ));
  if (!list.ordered) return <ul>{items}</ul>;
  return <ol start={Number.isSafeInteger(list.start) ? Number(list.start) : 1}>{items}</ol>;
}

function Table({ table, depth }: { readonly table: Tokens.Table; readonly depth: number }) {
  const cell = ({ tokens, align }: Tokens.TableCell, index: number, isHeader: boolean) => {
    const side = align === null ? {} : { class: `markdown__cell--${align}` };
    const content = inlines(tokens, depth);
    return isHeader ? (
      <th scope="col" key={index} {...side}>
        {content}
      </th>
    ) : (
      <td key={index} {...side}>
        {content}
      </td>
    );
  };
  return (
    <div class="markdown__table" role="region" aria-label={words.table} tabIndex={0}>
      <table>
        <thead>
          <tr>{table.header.map((one, index) => cell(one, index, true))}</tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>{row.map((one, at) => cell(one, at, false))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inlines(tokens: readonly Token[], depth: number): ComponentChildren {
  return tokens.map((token, index) => inline(token as MarkedToken, index, depth + 1));
}

function inline(token: MarkedToken, key: number, depth: number): ComponentChildren {
  if (depth > DEEPEST) return showControls(token.raw);
  switch (token.type) {
    case 'text':
      return token.tokens === undefined
        ? showControls(decodeReferences(token.text))
        : inlines(token.tokens, depth);
    case 'escape':
      return token.text;
    case 'strong':
      return <strong key={key}>{inlines(token.tokens, depth)}</strong>;
    case 'em':
      return <em key={key}>{inlines(token.tokens, depth)}</em>;
    case 'del':
      return <del key={key}>{inlines(token.tokens, depth)}</del>;
    case 'codespan':
      return <code key={key}>{showControls(token.text)}</code>;
    case 'br':
      return <br key={key} />;
    case 'checkbox':
      return token.checked ? '☑ ' : '☐ ';
    case 'link':
      return <Link key={key} link={token} depth={depth} />;
    case 'image':
      return <Image key={key} image={token} />;
    case 'html':
    case 'blockquote':
    case 'code':
    case 'def':
    case 'heading':
    case 'hr':
    case 'list':
    case 'list_item':
    case 'paragraph':
    case 'space':
    case 'table':
      return showControls(token.raw);
    default:
      return unreachable(token);
  }
}

/** The words of a link, and behind them where it really leads, in full. */
function Link({ link, depth }: { readonly link: Tokens.Link; readonly depth: number }) {
  const address = safeAddress(link.href);
  if (address === null) return <>{showControls(link.raw)}</>;
  const saysItself = link.text === link.href || link.text === address;
  const anchor = (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow">
      <bdi dir="ltr">{address}</bdi>
    </a>
  );
  if (saysItself) return anchor;
  return (
    <>
      {inlines(link.tokens, depth)} ({anchor})
    </>
  );
}

/** Never fetched: what it is called, and where it lies. */
function Image({ image }: { readonly image: Tokens.Image }) {
  const { text, href } = image;
  return <span class="markdown__image">{words.image(showControls(text), showControls(href))}</span>;
}
