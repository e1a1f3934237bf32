package main

import (
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// Each step below only forgets what cannot make a correct history incorrect, so what is left is still a proof.

// before is the history up to a time: a call that had no answer then may or may not have taken effect.
func before(calls []Call, time int64) []Call {
	var known []Call
	for _, c := range calls {
		if c.At > time {
			continue
		}
		if c.Until > time {
			c.Answer = Answer{Result: unknown}
		}
		known = append(known, c)
	}
	return known
}

// relevant is the history without calls of unknown outcome that began after the last response: nothing can show what they did. Each
// doubles the work of the checker.
func relevant(calls []Call) []Call {
	last := int64(0)
	for _, c := range calls {
		if c.Result != unknown {
			last = max(last, c.Until)
		}
	}
	return before(calls, last)
}

// forgotten is the history in which the answer of a call is unknown.
func forgotten(calls []Call, i int) []Call {
	calls = slices.Clone(calls)
	calls[i].Answer = Answer{Result: unknown}
	return calls
}

// smallest returns a small part of a history that is not linearizable, in the order of time. The answer of its last call is the first that
// nothing explains. At the deadline it returns what it has.
func smallest(calls []Call, deadline time.Time) []Call {
	isIllegal := func(calls []Call) bool {
		left := min(time.Until(deadline), shortening/10)
		return left > 0 && check(calls, left) == porcupine.Illegal
	}
	// An unknown answer explains nothing, so the cut is at one that is known.
	var ends []int64
	for _, c := range calls {
		if c.Result != unknown {
			ends = append(ends, c.Until)
		}
	}
	slices.Sort(ends)
	first, _ := slices.BinarySearchFunc(ends, true, func(end int64, _ bool) int {
		if isIllegal(before(calls, end)) {
			return 0
		}
		return -1
	})
	if first < len(ends) {
		calls = before(calls, ends[first])
	}
	slices.SortFunc(calls, func(a, b Call) int { return int(a.At - b.At) })
	// If nothing explains the others, no matter what this call did and when, then it is not a part of the reason.
	var reason []Call
	for i, c := range calls {
		if c.Result == unknown {
			// It was under way: it is no reason either, but a hint.
			reason = append(reason, c)
		} else if less := forgotten(calls, i); isIllegal(less) {
			calls = less
		} else {
			reason = append(reason, c)
		}
	}
	return reason
}
