DROP VIEW finance_received_v3;
