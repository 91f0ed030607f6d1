package keeper

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"remotego/goproxyd/config"
)

// Reply is what a keeper says; Error is empty when it did what it was told.
type Reply struct {
	Error  string `json:"error,omitempty"`
	Keeper int    `json:"keeper"`
	Server int    `json:"server"` // 0 while it is being started anew
}

type order struct {
	word  string
	reply chan Reply
}

const orderWait = 2 * healthWait

// takeOrders listens on the socket of the place, which nobody else can reach: the directory is ours alone.
func takeOrders(ctx context.Context) (<-chan order, error) {
	if err := os.Remove(config.Socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	socket, err := net.Listen("unix", config.Socket)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { socket.Close() })
	orders := make(chan order)
	go func() {
		for {
			connection, err := socket.Accept()
			if err != nil {
				return
			}
			go attend(ctx, connection, orders)
		}
	}()
	return orders, nil
}

func attend(ctx context.Context, connection net.Conn, orders chan<- order) {
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(orderWait)) // a unix socket has deadlines
	word, err := bufio.NewReader(io.LimitReader(connection, 64)).ReadString('\n')
	if err != nil {
		return
	}
	reply := make(chan Reply, 1)
	select {
	case orders <- order{strings.TrimSpace(word), reply}:
		_ = json.NewEncoder(connection).Encode(<-reply) // who asked may have gone
	case <-ctx.Done():
	}
}

// obey does what it is told; it gives true for the order to end.
func (keeper *Keeper) obey(order order) (stop bool) {
	reply := Reply{Keeper: os.Getpid()}
	switch order.word {
	case "status", "stop":
	case "replace":
		if err := keeper.replace(); err != nil {
			reply.Error = err.Error()
		}
	default:
		reply.Error = fmt.Sprintf("no such order: %q", order.word)
	}
	if keeper.serving != nil {
		reply.Server = keeper.serving.command.Process.Pid
	}
	order.reply <- reply
	return order.word == "stop"
}

// Tell gives an order to the keeper of the working directory. An error means that there is none, or that it is stuck.
func Tell(word string) (Reply, error) {
	connection, err := net.Dial("unix", config.Socket)
	if err != nil {
		return Reply{}, err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(orderWait)); err != nil {
		return Reply{}, err
	}
	if _, err := fmt.Fprintln(connection, word); err != nil {
		return Reply{}, err
	}
	var reply Reply
	err = json.NewDecoder(connection).Decode(&reply)
	return reply, err
}

// Healthy asks one server of the working directory how it is.
func Healthy(pid int) bool {
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", config.HealthSocket(pid))
		},
	}}
	response, err := client.Get("http://server/healthz")
	if err != nil {
		return false
	}
	defer response.Body.Close()
	said, err := io.ReadAll(io.LimitReader(response.Body, 256))
	return err == nil && response.StatusCode == http.StatusOK && strings.HasPrefix(string(said), "ok ")
}
