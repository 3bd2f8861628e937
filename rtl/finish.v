// Bias and activation of two words a cycle, on their way into the activation memory. Latency 5, one pair a cycle.
// Beside a word travel its address, its place in the padded tensor and the word before the bias, for the trace.
`default_nettype none

module finish #(
    parameter BIAS_WIDTH = 13,
    parameter TABLE_WIDTH = 2,
    parameter BIAS_IMAGE = "",
    parameter TABLE_IMAGE = ""
) (
    input  wire                          clk,
    input  wire                          rst_i,
    input  wire                          has_bias_i,
    input  wire        [ BIAS_WIDTH-1:0] bias_base_i,
    input  wire signed [           15:0] lo_i,
    input  wire signed [           15:0] hi_i,
    input  wire                          use_table_i,
    input  wire        [TABLE_WIDTH-1:0] table_i,
    output wire                          busy_o,
    input  wire                          valid_a_i,
    input  wire                          valid_b_i,
    input  wire                          inside_a_i,   // to be written
    input  wire                          inside_b_i,
    input  wire        [           23:0] padded_a_i,
    input  wire        [           23:0] padded_b_i,
    input  wire        [           23:0] column_a_i,   // place of the bias
    input  wire        [           23:0] column_b_i,
    input  wire        [           23:0] address_a_i,
    input  wire        [           23:0] address_b_i,
    input  wire signed [           15:0] word_a_i,
    input  wire signed [           15:0] word_b_i,
    output wire                          valid_a_o,
    output wire                          valid_b_o,
    output wire                          write_a_o,
    output wire                          write_b_o,
    output wire        [           23:0] padded_a_o,
    output wire        [           23:0] padded_b_o,
    output wire        [           23:0] address_a_o,
    output wire        [           23:0] address_b_o,
    output wire signed [           15:0] word_a_o,
    output wire signed [           15:0] word_b_o,
    output wire signed [           15:0] data_a_o,
    output wire signed [           15:0] data_b_o
);
  localparam LATENCY = 5;  // bias, sum, three of the activation
  localparam BESIDE = 2 * (16 + 24 + 24);
  localparam [24-BIAS_WIDTH:0] NOUGHT = 0;

  reg [LATENCY-1:0] valid_a_q, valid_b_q, write_a_q, write_b_q;
  reg [BESIDE*LATENCY-1:0] beside_q;
  assign busy_o = (valid_a_q != {LATENCY{1'b0}});
  assign valid_a_o = valid_a_q[LATENCY-1];
  assign valid_b_o = valid_b_q[LATENCY-1];
  assign write_a_o = write_a_q[LATENCY-1];
  assign write_b_o = write_b_q[LATENCY-1];
  assign {word_b_o, word_a_o, padded_b_o, padded_a_o, address_b_o, address_a_o} =
      beside_q[BESIDE*LATENCY-1-:BESIDE];

  always @(posedge clk) begin
    beside_q <= {
      beside_q[BESIDE*(LATENCY-1)-1:0], word_b_i, word_a_i, padded_b_i, padded_a_i, address_b_i, address_a_i
    };
    if (rst_i) begin
      valid_a_q <= {LATENCY{1'b0}};
      valid_b_q <= {LATENCY{1'b0}};
      write_a_q <= {LATENCY{1'b0}};
      write_b_q <= {LATENCY{1'b0}};
    end else begin
      valid_a_q <= {valid_a_q[LATENCY-2:0], valid_a_i};
      valid_b_q <= {valid_b_q[LATENCY-2:0], valid_b_i};
      write_a_q <= {write_a_q[LATENCY-2:0], valid_a_i && inside_a_i};
      write_b_q <= {write_b_q[LATENCY-2:0], valid_b_i && inside_b_i};
    end
  end

  // Cycle 1: the bias.
  wire signed [15:0] bias_a, bias_b;
  wire [24:0] bias_address_a = {1'b0, column_a_i} + {NOUGHT, bias_base_i};
  wire [24:0] bias_address_b = {1'b0, column_b_i} + {NOUGHT, bias_base_i};
  rom #(
      .WIDTH(16),
      .ADDRESS_WIDTH(BIAS_WIDTH),
      .IMAGE(BIAS_IMAGE)
  ) u_bias (
      .clk(clk),
      .address_a_i(bias_address_a[BIAS_WIDTH-1:0]),
      .address_b_i(bias_address_b[BIAS_WIDTH-1:0]),
      .data_a_o(bias_a),
      .data_b_o(bias_b)
  );
  reg signed [15:0] word_a_q, word_b_q;

  // Cycle 2: the sum.
  wire signed [15:0] biased_a, biased_b;
  add_sat u_biased_a (.a_i(word_a_q), .b_i(bias_a), .y_o(biased_a));
  add_sat u_biased_b (.a_i(word_b_q), .b_i(bias_b), .y_o(biased_b));
  reg signed [15:0] z_a_q, z_b_q;
  always @(posedge clk) begin
    word_a_q <= word_a_i;
    word_b_q <= word_b_i;
    z_a_q <= has_bias_i ? biased_a : word_a_q;
    z_b_q <= has_bias_i ? biased_b : word_b_q;
  end

  // Cycles 3 to 5: the activation.
  activation #(
      .TABLE_WIDTH(TABLE_WIDTH),
      .TABLE_IMAGE(TABLE_IMAGE)
  ) u_activation_a (
      .clk(clk),
      .z_i(z_a_q),
      .lo_i(lo_i),
      .hi_i(hi_i),
      .use_table_i(use_table_i),
      .table_i(table_i),
      .y_o(data_a_o)
  );
  activation #(
      .TABLE_WIDTH(TABLE_WIDTH),
      .TABLE_IMAGE(TABLE_IMAGE)
  ) u_activation_b (
      .clk(clk),
      .z_i(z_b_q),
      .lo_i(lo_i),
      .hi_i(hi_i),
      .use_table_i(use_table_i),
      .table_i(table_i),
      .y_o(data_b_o)
  );

  wire _unused_ok = &{1'b0, bias_address_a, bias_address_b};
endmodule

`default_nettype wire
