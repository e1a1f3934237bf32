// Command histories reads a history as JSON lines and decides for each object whether its calls are linearizable. It prints the result as
// JSON. With -visualize FILE it also writes what porcupine draws of the first object that is not.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/anishathalye/porcupine"
)

var itoa = strconv.Itoa

// limit is how long the search for one object may take. A longer one is reported as undecided, never as correct.
const limit = 10 * time.Second

// shortening is how long a run may take to make what it shows smaller.
const shortening = 4 * time.Second

// forever is the end of a call that may take effect at any time.
const forever = int64(1) << 60

// modelOf makes a model for porcupine from the answer of a state.
func modelOf[State comparable](start State, answer func(State, Call) (Answer, State)) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return start },
		Step: func(state, input, _ any) (bool, any) {
			c := input.(Call)
			expected, after := answer(state.(State), c)
			if c.Result == unknown {
				return true, after
			}
			return c.Answer == expected, after
		},
		DescribeOperation: func(input, _ any) string { return describe(input.(Call)) },
		DescribeState:     func(state any) string { return fmt.Sprintf("%+v", state) },
	}
}

var models = map[string]porcupine.Model{
	"session": modelOf(Session{}, Session.answer),
	"portal":  modelOf(Portal{}, Portal.answer),
	"keys":    modelOf(Keys{}, Keys.answer),
	"limits":  modelOf(Limits{}, Limits.answer),
	"window":  modelOf(Window{}, Window.answer),
}

func describe(c Call) string {
	text := c.Op
	if c.Part >= 0 {
		text += " " + itoa(c.Part)
	}
	if c.With != "" {
		text += " " + c.With
	}
	return text + " → " + c.Result + " " + c.Value
}

func operationsOf(calls []Call) []porcupine.Operation {
	operations := make([]porcupine.Operation, len(calls))
	for i, c := range calls {
		until := c.Until
		if c.Result == unknown {
			until = forever
		}
		operations[i] = porcupine.Operation{ClientId: c.Client, Input: c, Call: c.At, Return: until}
	}
	return operations
}

func check(calls []Call, limit time.Duration) porcupine.CheckResult {
	if len(calls) == 0 {
		return porcupine.Ok
	}
	return porcupine.CheckOperationsTimeout(models[calls[0].Model], operationsOf(calls), limit)
}

// Violation is an object whose calls are not linearizable, with the smallest part of them that shows it.
type Violation struct {
	Object string `json:"object"`
	Model  string `json:"model"`
	Calls  []Call `json:"calls"`
}

// Result is what the checker found.
type Result struct {
	Objects    int         `json:"objects"`
	Calls      int         `json:"calls"`
	Undecided  []string    `json:"undecided"`
	Violations []Violation `json:"violations"`
}

func read() (names []string, objects map[string][]Call, err error) {
	objects = map[string][]Call{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var c Call
		if err = json.Unmarshal(lines.Bytes(), &c); err != nil {
			return
		}
		if _, exists := models[c.Model]; !exists || c.Part < -1 || c.Part >= size-1 {
			return nil, nil, fmt.Errorf("no model for %s", lines.Text())
		}
		if objects[c.Object] == nil {
			names = append(names, c.Object)
		}
		objects[c.Object] = append(objects[c.Object], c)
	}
	return names, objects, lines.Err()
}

func run() error {
	visualize := flag.String("visualize", "", "where to write a page that shows the first violation")
	flag.Parse()
	names, objects, err := read()
	if err != nil {
		return err
	}
	result := Result{Objects: len(names), Undecided: []string{}, Violations: []Violation{}}
	shortenUntil := time.Now().Add(shortening)
	for _, name := range names {
		calls := relevant(objects[name])
		result.Calls += len(calls)
		switch check(calls, limit) {
		case porcupine.Unknown:
			result.Undecided = append(result.Undecided, name)
		case porcupine.Illegal:
			if *visualize != "" && len(result.Violations) == 0 {
				model := models[calls[0].Model]
				_, info := porcupine.CheckOperationsVerbose(model, operationsOf(calls), limit)
				if err := porcupine.VisualizePath(model, info, *visualize); err != nil {
					return err
				}
			}
			result.Violations = append(result.Violations, Violation{name, calls[0].Model, smallest(calls, shortenUntil)})
		}
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
