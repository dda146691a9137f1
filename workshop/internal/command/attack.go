package main

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"jwtworkshop/workshop/attack"
	"jwtworkshop/workshop/internal/coach"
	"jwtworkshop/workshop/internal/words"
)

// attack attacks the learner's program: the one at a URL, or that of a step, which it
// starts with a database and a secret of its own.
func (o *options) attack(cmd *cobra.Command, args []string) error {
	at := append(args, "")[0]
	if at == "" {
		at = "03-protected"
	}
	target, secret, where := "", "", at
	if strings.Contains(at, ":") {
		if !strings.Contains(at, "://") {
			at = "http://" + at
		}
		u, err := url.Parse(at)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return words.Errorf("%s is no address\nhint: such as http://localhost:8080", at)
		}
		target, where = u.Scheme+"://"+u.Host, ""
	}
	s, err := o.session([]string{where})
	if err != nil {
		return err
	}
	if where != "" {
		program, err := s.Workshop.Build(cmd.Context(), s.Step)
		if err != nil {
			return err
		}
		defer program.Remove()
		running, err := program.Start(cmd.Context(), "", "workshop.db")
		if err != nil {
			return err
		}
		defer running.Stop()
		if err := attack.AddGrace(filepath.Join(program.Dir, "workshop.db")); err != nil {
			return err
		}
		target, secret = running.URL, running.Secret
	} else if secret = s.Secret(); secret == "" {
		return words.Errorf("there is no JWT_SECRET_KEY, neither in the environment nor in .env\nhint: the attacks are signed with the program's own secret; set the variable to it")
	}
	refused, all, within, fails := 0, 0, false, false
	coach.Print(cmd.OutOrStdout(), s.AttackGroup(within, width()))
	err = attack.Run(cmd.Context(), target, secret, func(t attack.Try) {
		all++
		if t.Inside && !within {
			within = true
			coach.Print(cmd.OutOrStdout(), append([]string{""}, s.AttackGroup(within, width())...))
		}
		if t.Refused() {
			refused++
		} else if !t.Stretch() {
			fails = true
		}
		coach.Print(cmd.OutOrStdout(), s.Attacked(t))
	})
	if err != nil {
		return err
	}
	coach.Print(cmd.OutOrStdout(), append([]string{""}, s.AttackSum(refused, all, width())...))
	if fails {
		return errFails
	}
	return nil
}
