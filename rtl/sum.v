// The sum of two tensors, each word brought to one format first: a word in two cycles, from base_a_i and base_b_i.
// Twin of `sum` in src/layers/sum.ts up to the activation.
`default_nettype none

module sum (
    input  wire               clk,
    input  wire               rst_i,
    input  wire               start_i,
    input  wire        [23:0] words_i,
    input  wire        [23:0] base_a_i,
    input  wire        [23:0] base_b_i,
    input  wire signed [ 4:0] shift_a_i,
    input  wire signed [ 4:0] shift_b_i,
    output wire               busy_o,
    output wire        [23:0] read_address_o,
    input  wire signed [15:0] data_i,
    output reg                valid_o,
    output reg         [23:0] place_o,
    output wire signed [15:0] word_o
);
  reg running_q, second_q, second_2q;
  reg [23:0] count_q;
  wire signed [15:0] aligned;
  reg signed [15:0] a_q;

  assign busy_o = running_q || valid_o;
  assign read_address_o = count_q + (second_q ? base_b_i : base_a_i);

  always @(posedge clk) begin
    second_2q <= second_q;
    place_o   <= count_q;
    a_q       <= aligned;
    valid_o   <= running_q && second_q && !rst_i;
    if (rst_i) running_q <= 1'b0;
    else if (start_i) running_q <= 1'b1;
    else if (second_q && count_q == words_i - 24'd1) running_q <= 1'b0;

    if (start_i) begin
      second_q <= 1'b0;
      count_q  <= 24'd0;
    end else if (running_q) begin
      second_q <= !second_q;
      if (second_q) count_q <= count_q + 24'd1;
    end
  end

  align u_align (.a_i(data_i), .shift_i(second_2q ? shift_b_i : shift_a_i), .y_o(aligned));
  add_sat u_sum (.a_i(a_q), .b_i(aligned), .y_o(word_o));
endmodule

`default_nettype wire
