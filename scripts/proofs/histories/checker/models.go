package main

// What the server promises, for one object at a time. Each model is the state of an object and one function: what the server answers to
// a call in a state, and the state after it. A history is linearizable if its calls can be put into an order in which each
// gets the answer of the model, and in which no call comes before one that had ended when it began.

// Answer is what a client learned from a call.
type Answer struct {
	// "ok", "unknown", the last word of the error's type, or the code of a verification.
	Result string `json:"result"`
	// A fingerprint of the credential that the response has, or the version of a portal.
	Value string `json:"value,omitempty"`
	// What a limit and a quota have left, and when the window of the limit ends.
	Remaining int   `json:"remaining,omitempty"`
	Quota     int   `json:"quota,omitempty"`
	Reset     int64 `json:"reset,omitempty"`
}

// unknown is the answer to a call whose response was lost, or was a 503: it takes effect at any time after it began, or never.
const unknown = "unknown"

// Call is one call on one object. Times are in microseconds since the start of the run.
type Call struct {
	Object string `json:"object"`
	Model  string `json:"model"`
	Client int    `json:"client"`
	Server string `json:"server"`
	At     int64  `json:"at"`
	// When the response came; without meaning if the answer is unknown.
	Until int64  `json:"until"`
	Op    string `json:"op"`
	// Which key of the object; -1 if it is none.
	Part int `json:"part"`
	// The credential or the Idempotency-Key that the call sends, as a fingerprint or a name; "" for none.
	With string `json:"with,omitempty"`
	Cost int    `json:"cost,omitempty"`
	Answer
}

// size is how many keys an object can have.
const size = 16

// ---------------------------------------------------------------------------------------------------------------------------
// A session, and what it depends on of its portal. Changes of a portal are calls on each of its sessions.

// Session is before its creation, pending, active or over.
type Session struct {
	State string
	// The Idempotency-Key of its exchange, and its token; "" if no client knows the token.
	Key, Token string
	Disabled   bool
	// The epoch of the portal, and that in which the session was created: sessions of an earlier epoch are over.
	Epoch, Born int
}

func (s Session) answer(c Call) (Answer, Session) {
	ok, notFound, forbidden := Answer{Result: "ok"}, Answer{Result: "portal_session_not_found"}, Answer{Result: "forbidden"}
	// The server looks for the session first, then whether the portal is enabled, and then for the epoch.
	usable := func() Answer {
		switch {
		case s.Disabled:
			return forbidden
		case s.Born != s.Epoch:
			return notFound
		}
		return ok
	}
	switch c.Op {
	case "disable":
		// All sessions are over for good.
		if !s.Disabled {
			s.Disabled, s.Epoch = true, s.Epoch+1
		}
		return ok, s
	case "enable":
		s.Disabled = false
		return ok, s
	case "revokePortal":
		s.Epoch++
		return ok, s
	case "revokeSession":
		s.State = "over"
		return ok, s
	case "createSession":
		if s.Disabled {
			return forbidden, s
		}
		s.State, s.Born = "pending", s.Epoch
		return ok, s
	case "createOther":
		// Another session of the user.
		if s.Disabled {
			return forbidden, s
		}
		return ok, s
	}
	if s.State == "over" {
		// While the portal is disabled, the record of a session that is over for two reasons may still be there.
		if s.Disabled && c.Result == forbidden.Result {
			return forbidden, s
		}
		return notFound, s
	}
	switch c.Op {
	case "exchangeSession":
		isRepeated := s.State == "active" && s.Key != "" && s.Key == c.With
		if s.State != "pending" && !isRepeated {
			return notFound, s
		}
		answer := usable()
		if answer == ok {
			s.State, s.Key = "active", c.With
			// The server chooses the token, once.
			if s.Token == "" {
				s.Token = c.Value
			}
			answer.Value = s.Token
		}
		return answer, s
	case "getSession", "endSession":
		if s.State != "active" || s.Token != c.With {
			return notFound, s
		}
		answer := usable()
		if answer == ok && c.Op == "endSession" {
			s.State = "over"
		}
		return answer, s
	}
	panic("the model of sessions has no " + c.Op)
}

// ---------------------------------------------------------------------------------------------------------------------------
// The configuration of a portal: a register with a version.

// Portal is whether it is enabled, and its version.
type Portal struct {
	Disabled bool
	Changes  int
}

func (p Portal) answer(c Call) (Answer, Portal) {
	version := func() string { return itoa(p.Changes + 1) }
	if c.Op == "getConfiguration" {
		state := "enabled "
		if p.Disabled {
			state = "disabled "
		}
		return Answer{Result: "ok", Value: state + version()}, p
	}
	if c.With != version() {
		return Answer{Result: "portal_config_version_conflict"}, p
	}
	if p.Disabled != (c.Op == "disable") {
		p.Disabled, p.Changes = !p.Disabled, p.Changes+1
	}
	return Answer{Result: "ok", Value: version()}, p
}

// ---------------------------------------------------------------------------------------------------------------------------
// A key and its successors: part n+1 is the key that a reroll of part n has made.

// Key is absent, live, ending (rerolled with an overlap that does not end in the run), expired (rerolled without one) or deleted.
type Key struct {
	State    string
	Disabled bool
	// The key itself, and the Idempotency-Key of the call that has rerolled it; the value is "" if no client knows it.
	Value, Reroll string
}

// Keys begins with the key that every createKey of the object asks for, with the same Idempotency-Key.
type Keys struct {
	Keys [size]Key
}

func (k Keys) answer(c Call) (Answer, Keys) {
	key := &k.Keys[c.Part]
	exists := key.State != "" && key.State != "deleted"
	// The server chooses the key, once. A repeated call gets the same, even if it was deleted since.
	answerWith := func(made *Key) (Answer, Keys) {
		if made.Value == "" {
			made.Value = c.Value
		}
		return Answer{Result: "ok", Value: made.Value}, k
	}
	switch c.Op {
	case "createKey":
		if key.State == "" {
			key.State = "live"
		}
		return answerWith(key)
	case "rerollKey":
		successor := &k.Keys[c.Part+1]
		if key.Reroll == c.With {
			return answerWith(successor)
		}
		if !exists {
			return Answer{Result: "key_not_found"}, k
		}
		if key.Reroll != "" {
			return Answer{Result: "key_retired"}, k
		}
		key.Reroll, key.State = c.With, "ending"
		if c.Cost == 0 {
			key.State = "expired"
		}
		*successor = Key{State: "live", Disabled: key.Disabled}
		return answerWith(successor)
	case "enableKey", "disableKey":
		if !exists {
			return Answer{Result: "key_not_found"}, k
		}
		if key.Reroll != "" {
			return Answer{Result: "key_retired"}, k
		}
		key.Disabled = c.Op == "disableKey"
		return Answer{Result: "ok"}, k
	case "deleteKey":
		if !exists {
			return Answer{Result: "key_not_found"}, k
		}
		key.State = "deleted"
		return Answer{Result: "ok"}, k
	case "verifyKey":
		switch {
		case !exists || key.Value != c.With:
			return Answer{Result: "NOT_FOUND"}, k
		case key.Disabled:
			return Answer{Result: "DISABLED"}, k
		case key.State == "expired":
			return Answer{Result: "EXPIRED"}, k
		}
		return Answer{Result: "VALID"}, k
	}
	panic("the model of keys has no " + c.Op)
}

// ---------------------------------------------------------------------------------------------------------------------------
// The rate limits of two keys of a user, and the quota of the user. No window and no period ends during a run.

// What each key allows in its window, and all keys of the user in the period. The plan sets the same.
const (
	limitOfKey  = 12
	quotaOfUser = 18
)

// Limits is what was used. A window has an end as soon as something was used; 0 if no client knows it yet.
type Limits struct {
	Used  [2]int
	Ends  [2]int64
	Quota int
}

func (l Limits) answer(c Call) (Answer, Limits) {
	// A cost of 0 asks whether a cost of 1 is left, and consumes nothing.
	need := max(c.Cost, 1)
	used, ends := &l.Used[c.Part], &l.Ends[c.Part]
	answer := Answer{Result: "VALID"}
	switch {
	case *used+need > limitOfKey:
		answer.Result = "RATE_LIMITED"
	case l.Quota+need > quotaOfUser:
		answer.Result = "USAGE_EXCEEDED"
	default:
		*used, l.Quota = *used+c.Cost, l.Quota+c.Cost
	}
	answer.Remaining, answer.Quota = limitOfKey-*used, quotaOfUser-l.Quota
	answer.Reset = c.Reset
	if *used > 0 {
		// The first that consumes chooses the end of the window.
		if *ends == 0 {
			*ends = c.Reset
		}
		answer.Reset = *ends
	}
	return answer, l
}

// ---------------------------------------------------------------------------------------------------------------------------
// A rate limit with short windows: an object is one window, which its end names. All unknown calls of the key are in all of
// its windows, because each can have consumed in any of them.

// Window is what was used in it.
type Window struct{ Used int }

func (w Window) answer(c Call) (Answer, Window) {
	if w.Used+c.Cost > limitOfKey {
		return Answer{Result: "RATE_LIMITED", Remaining: limitOfKey - w.Used, Reset: c.Reset}, w
	}
	w.Used += c.Cost
	return Answer{Result: "VALID", Remaining: limitOfKey - w.Used, Reset: c.Reset}, w
}
