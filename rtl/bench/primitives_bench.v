// Drives the twins of the arithmetic with count_i operand words and dumps what each makes of them.
// An operand is a and b, or an accumulator (32 bits), and a shift (5 bits); a result is modulo_3 (of its low 24 bits),
// align, requant, half, mulr, sub, add.
// It compares nothing; that is done outside, on the dumped words.
`default_nettype none

module primitives_bench #(
    parameter ADDRESS_WIDTH = 16
) (
    input  wire        clk,
    input  wire        rst_i,
    input  wire [31:0] count_i,
    output wire        done_o
);
  reg [31:0] address_q;
  reg reading_q, multiplying_q, valid_q;
  reg [ADDRESS_WIDTH-1:0] read_address_q, multiply_address_q;
  wire reading = (address_q < count_i);
  assign done_o = !reading && !reading_q && !multiplying_q && !valid_q;

  wire [36:0] operand;
  memory #(
      .WIDTH(37),
      .ADDRESS_WIDTH(ADDRESS_WIDTH)
  ) u_operands (
      .clk(clk),
      .write_i(1'b0),
      .write_address_i({ADDRESS_WIDTH{1'b0}}),
      .data_i(37'd0),
      .read_address_i(address_q[ADDRESS_WIDTH-1:0]),
      .data_o(operand)
  );

  wire signed [15:0] a = operand[15:0];
  wire signed [15:0] b = operand[31:16];
  wire signed [15:0] sum, difference, product, halved, requantised, aligned;
  add_sat u_add (.a_i(a), .b_i(b), .y_o(sum));
  sub_sat u_sub (.a_i(a), .b_i(b), .y_o(difference));
  half_if u_half (.scaled_i(1'b1), .a_i(a), .y_o(halved));
  requant u_requant (.acc_i(operand[31:0]), .shift_i(operand[36:32]), .y_o(requantised));
  align u_align (.a_i(a), .shift_i(operand[36:32]), .y_o(aligned));
  wire [1:0] remainder;
  modulo_3 u_modulo (.a_i(operand[23:0]), .y_o(remainder));
  mulr u_mulr (.clk(clk), .a_i(a), .b_i(b), .y_o(product));

  reg [95:0] others_q;
  wire [111:0] unused_word;
  memory #(
      .WIDTH(112),
      .ADDRESS_WIDTH(ADDRESS_WIDTH)
  ) u_results (
      .clk(clk),
      .write_i(multiplying_q),
      .write_address_i(multiply_address_q),
      .data_i({others_q[95:32], product, others_q[31:0]}),
      .read_address_i({ADDRESS_WIDTH{1'b0}}),
      .data_o(unused_word)
  );

  always @(posedge clk) begin
    others_q <= {14'd0, remainder, aligned, requantised, halved, difference, sum};
    read_address_q <= address_q[ADDRESS_WIDTH-1:0];
    multiply_address_q <= read_address_q;
    if (rst_i) begin
      address_q <= 32'd0;
      reading_q <= 1'b0;
      multiplying_q <= 1'b0;
      valid_q <= 1'b0;
    end else begin
      if (reading) address_q <= address_q + 32'd1;
      reading_q <= reading;
      multiplying_q <= reading_q;
      valid_q <= multiplying_q;
    end
  end

  wire _unused_ok = &{1'b0, unused_word};
endmodule

`default_nettype wire
