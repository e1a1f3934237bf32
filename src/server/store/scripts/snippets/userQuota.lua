-- Counts what the script writes and removes for its user, too.
counters[#counters + 1] = userQuotaKey
