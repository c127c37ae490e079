// Gives classic BPF programs to cbpfc, a compiler of them to eBPF, for ebpf_direct --peer.
// Each line of the input is a program, four numbers an instruction; each line of the
// output what cbpfc makes of it for XDP: how often it tests the length of the packet, then
// five numbers an instruction; or "-" and why it makes nothing of it.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/cilium/ebpf/asm"
	"github.com/cloudflare/cbpfc"
	"golang.org/x/net/bpf"
)

const (
	start = asm.R2
	end   = asm.R3
)

func read(line string) ([]bpf.Instruction, error) {
	var insns []bpf.Instruction
	words := strings.Fields(line)

	for ; len(words) >= 4; words = words[4:] {
		var n [4]uint64

		for i := range n {
			var err error

			if n[i], err = strconv.ParseUint(words[i], 10, 32); err != nil {
				return nil, err
			}
		}
		raw := bpf.RawInstruction{Op: uint16(n[0]), Jt: uint8(n[1]), Jf: uint8(n[2]), K: uint32(n[3])}
		insns = append(insns, raw.Disassemble())
	}
	return insns, nil
}

func convert(filter []bpf.Instruction) (asm.Instructions, error) {
	body, err := cbpfc.ToEBPF(filter, cbpfc.EBPFOpts{
		PacketStart: start,
		PacketEnd:   end,
		Result:      asm.R0,
		ResultLabel: "result",
		Working:     [4]asm.Register{asm.R4, asm.R5, asm.R6, asm.R7},
		LabelPrefix: "filter",
	})
	if err != nil {
		return nil, err
	}
	insns := asm.Instructions{
		asm.LoadMem(start, asm.R1, 0, asm.Word),
		asm.LoadMem(end, asm.R1, 4, asm.Word),
	}
	return append(append(insns, body...), asm.Return().WithSymbol("result")), nil
}

func answer(line string) (string, error) {
	filter, err := read(line)
	if err != nil {
		return "", err
	}
	insns, err := convert(filter)
	if err != nil {
		return "", err
	}
	guards := 0
	for _, insn := range insns {
		if insn.OpCode == asm.JGT.Op(asm.RegSource) && insn.Src == end {
			guards++
		}
	}
	var raw bytes.Buffer
	if err := insns.Marshal(&raw, binary.LittleEndian); err != nil {
		return "", err
	}
	out := strconv.Itoa(guards)
	for b := raw.Bytes(); len(b) >= 8; b = b[8:] {
		out += fmt.Sprintf(" %d %d %d %d %d", b[0], b[1]&15, b[1]>>4,
			int16(binary.LittleEndian.Uint16(b[2:])), int32(binary.LittleEndian.Uint32(b[4:])))
	}
	return out, nil
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		out, err := answer(line)
		if err != nil {
			out = "- " + strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Println(out)
	}
}
