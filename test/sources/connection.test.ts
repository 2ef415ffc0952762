import { describe, expect, it } from 'vitest';
import { parseConnection } from '../../src/sources/kafka/connection.ts';

const BROKERS = { brokers: 'a:9092, b:9093' };

describe('connections to Kafka', () => {
  it.each([
    [{}, { name: 'a:9092', brokers: ['a:9092', 'b:9093'] }],
    [
      { brokers: undefined, 'bootstrap.servers': '[::1]:9092' },
      { name: '[::1]:9092', brokers: ['[::1]:9092'] },
    ],
    [
      { 'security.protocol': 'SSL', 'ssl.ca.location': 'ca.pem' },
      { 'security.protocol': 'SSL', 'ssl.ca.location': 'ca.pem' },
    ],
    [{ 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN' }, { 'sasl.mechanism': 'PLAIN' }],
  ])('%j is taken', (more, expected) => {
    expect(parseConnection({ ...BROKERS, ...more })).toMatchObject(expected);
  });

  // Each would else end in plain text where something else was meant, for the password too.
  it.each([
    [{ brokers: '' }, /needs "brokers"/],
    [{ brokers: 'localhost' }, /"localhost" is not a broker address/],
    [{ 'security.protocol': 'SASL_SLL', 'sasl.mechanism': 'PLAIN' }, /security\.protocol "SASL_SLL" is not known/],
    [{ 'security.protocol': 'ssl' }, /"ssl" is not known/],
    [{ 'sasl.mechanism': 'PLAIN', 'sasl.username': 'u' }, /sasl\.mechanism needs security\.protocol SASL_SSL .*not PLAINTEXT/],
    [{ 'security.protocol': 'SSL', 'sasl.mechanism': 'PLAIN' }, /needs security\.protocol SASL_SSL .*not SSL/],
    [{ 'security.protocol': 'SASL_SSL' }, /SASL_SSL needs a sasl\.mechanism/],
    [{ 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'GSSAPI' }, /"GSSAPI" is not supported/],
    [{ 'ssl.ca.location': 'ca.pem' }, /ssl\.ca\.location needs security\.protocol SSL/],
  ])('%j is refused, and it is said why', (more, said) => {
    expect(parseConnection({ ...BROKERS, ...more })).toMatch(said);
  });
});
