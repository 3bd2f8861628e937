// Runs the operations of a network: reads the descriptor of each and starts the units in turn. A vector is received before
// the first operation and sent after the one marked last; an operation of another kind does nothing (flatten).
`default_nettype none

module sequencer #(
    parameter LAYER_WIDTH = 5
) (
    input  wire                   clk,
    input  wire                   rst_i,
    input  wire                   is_product_i,
    input  wire                   is_rfft_i,
    input  wire                   is_irfft_i,
    input  wire                   is_window_i,
    input  wire                   is_sum_i,
    input  wire                   last_layer_i,
    input  wire                   unit_busy_i,
    output reg  [LAYER_WIDTH-1:0] layer_o,
    output reg                    start_o,
    output wire                   receiving_o,
    output wire                   loading_o,
    output wire                   forward_o,
    output wire                   multiplying_o,
    output wire                   inverse_o,
    output wire                   unloading_o,
    output wire                   sliding_o,
    output wire                   summing_o,
    output wire                   transmitting_o
);
  localparam [3:0] FETCH = 0, DECODE = 1, RECEIVE = 2, LOAD = 3, FORWARD = 4, MULTIPLY = 5, INVERSE = 6, UNLOAD = 7,
                   SLIDE = 8, SUM = 9, TRANSMIT = 10;
  localparam [LAYER_WIDTH-1:0] ONE = 1;

  reg [3:0] state_q, state_d;
  // A unit raises busy in the cycle after its start.
  wire unit_done = !start_o && !unit_busy_i;

  assign receiving_o = (state_q == RECEIVE);
  assign loading_o = (state_q == LOAD);
  assign forward_o = (state_q == FORWARD);
  assign multiplying_o = (state_q == MULTIPLY);
  assign inverse_o = (state_q == INVERSE);
  assign unloading_o = (state_q == UNLOAD);
  assign sliding_o = (state_q == SLIDE);
  assign summing_o = (state_q == SUM);
  assign transmitting_o = (state_q == TRANSMIT);

  wire [3:0] after_last = last_layer_i ? TRANSMIT : FETCH;
  wire [3:0] first_unit = (is_product_i || is_rfft_i || is_irfft_i) ? LOAD : is_window_i ? SLIDE :
                          is_sum_i ? SUM : after_last;

  always @* begin
    state_d = state_q;
    case (state_q)
      FETCH: state_d = DECODE;
      DECODE: state_d = (layer_o == {LAYER_WIDTH{1'b0}}) ? RECEIVE : first_unit;
      RECEIVE: if (unit_done) state_d = first_unit;
      LOAD: if (unit_done) state_d = is_irfft_i ? INVERSE : FORWARD;
      FORWARD: if (unit_done) state_d = is_rfft_i ? UNLOAD : MULTIPLY;
      MULTIPLY: if (unit_done) state_d = INVERSE;
      INVERSE: if (unit_done) state_d = UNLOAD;
      UNLOAD, SLIDE, SUM: if (unit_done) state_d = after_last;
      default: if (unit_done) state_d = FETCH;
    endcase
  end

  always @(posedge clk) begin
    if (rst_i) begin
      state_q <= FETCH;
      start_o <= 1'b0;
      layer_o <= {LAYER_WIDTH{1'b0}};
    end else begin
      state_q <= state_d;
      start_o <= (state_d != state_q) && (state_d != FETCH) && (state_d != DECODE);
      if (state_q != FETCH && state_d == FETCH) layer_o <= transmitting_o ? {LAYER_WIDTH{1'b0}} : layer_o + ONE;
    end
  end
endmodule

`default_nettype wire
