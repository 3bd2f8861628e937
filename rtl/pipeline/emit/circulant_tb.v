// Loads a network into the engine through AXI4-Lite, sends vectors, compares every word that comes out with expected.hex,
// and says PASS or, with the first wrong word, FAIL. Written to be run as it stands by any simulator:
//   iverilog -g2005 -s circulant_tb -o tb -f circulant_pipeline.f circulant_tb.v && vvp tb
//   verilator --binary --timing -Wno-fatal --top-module circulant_tb -f circulant_pipeline.f circulant_tb.v
`timescale 1ns / 1ps
`default_nettype none
`include "sizes.vh"

module circulant_tb;
  localparam BEAT = 16 << `LOG2_STREAM;

  reg clk = 1'b0;
  always #5 clk = !clk;
  reg resetn = 1'b0;
  initial begin
    repeat (8) @(negedge clk);
    resetn = 1'b1;
  end

  reg [39:0] commands[0:`COMMANDS-1];
  reg [BEAT:0] inputs[0:`INPUT_BEATS-1];  // highest bit: tlast
  reg [BEAT:0] expected[0:`OUTPUT_BEATS-1];
  initial begin
    $readmemh("load.hex", commands);
    $readmemh("inputs.hex", inputs);
    $readmemh("expected.hex", expected);
  end

  integer command = 0, sent = 0, taken = 0, wrong = 0;
  reg loaded = 1'b0;
  wire aw_ready, b_valid, ready, valid, last;
  wire [BEAT-1:0] words;
  wire command_valid = resetn && (command < `COMMANDS);
  wire input_valid = loaded && (sent < `INPUT_BEATS);
  wire [39:0] command_word = commands[command < `COMMANDS ? command : 0];
  wire [BEAT:0] beat = inputs[sent < `INPUT_BEATS ? sent : 0];

  circulant_top u_top (
      .aclk(clk),
      .aresetn(resetn),
      .s_axil_awaddr(command_word[39:32]),
      .s_axil_awvalid(command_valid),
      .s_axil_awready(aw_ready),
      .s_axil_wdata(command_word[31:0]),
      .s_axil_wvalid(command_valid),
      .s_axil_wready(),
      .s_axil_bresp(),
      .s_axil_bvalid(b_valid),
      .s_axil_bready(1'b1),
      .s_axil_araddr(8'd0),
      .s_axil_arvalid(1'b0),
      .s_axil_arready(),
      .s_axil_rdata(),
      .s_axil_rresp(),
      .s_axil_rvalid(),
      .s_axil_rready(1'b1),
      .s_axis_tdata(beat[BEAT-1:0]),
      .s_axis_tvalid(input_valid),
      .s_axis_tready(ready),
      .s_axis_tlast(beat[BEAT]),
      .m_axis_tdata(words),
      .m_axis_tkeep(),
      .m_axis_tvalid(valid),
      .m_axis_tready(1'b1),
      .m_axis_tlast(last)
  );

  // Handshakes are decided just before the clock's rising edge and counted on it.
  integer cycles = 0;
  always @(posedge clk) begin
    cycles <= cycles + 1;
    if (command_valid && aw_ready) command <= command + 1;
    if (b_valid && command == `COMMANDS) loaded <= 1'b1;
    if (input_valid && ready) sent <= sent + 1;
    if (valid) begin
      taken <= taken + 1;
      if ({last, words} !== expected[taken]) begin
        if (wrong == 0) $display("FAIL: beat %0d: expected tlast and words %h, got %h", taken, expected[taken], {last, words});
        wrong <= wrong + 1;
      end
      if (taken + 1 == `OUTPUT_BEATS) begin
        if (wrong == 0 && {last, words} === expected[taken]) $display("PASS: %0d beats equal", taken + 1);
        else $display("FAIL: at least %0d of %0d beats differ", wrong, taken + 1);
        $finish;
      end
    end
    if (cycles > `COMMANDS * 4 + `MOST_CYCLES) begin
      $display("FAIL: %0d of %0d beats after %0d cycles", taken, `OUTPUT_BEATS, cycles);
      $finish;
    end
  end
endmodule

`default_nettype wire
