import React from 'react';

export default function Card({title, children}) {
  return <div className="card"><strong>{title}</strong>{children}</div>;
}
