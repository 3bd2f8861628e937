// Fills the engine through AXI4-Lite and runs vectors: the commands of the memory `commands` (address, data) are written one
// after the other, then the beats of `inputs` are sent and count_i vectors gathered in `outputs`, then the registers at
// 0x00, 0x04 .. 0x1c are read into `registers`. With stall_seed_i all handshakes pause at random. reset_at_i, if not
// 0, is the first of two cycles in which everything is reset in the middle of the work; it begins anew. In one alone a beat
// that the engine made before could still leave. What is not valid is wrong: the
// complement of an address or a word. It compares nothing.
`default_nettype none

module axi_bench #(
    parameter LOG2_PATHS = 2,
    parameter BLOCKS = 16,
    parameter LOG2_K_MAX = 11,
    parameter LOG2_STREAM = 3,
    parameter VECTOR = 4,
    parameter TABLES = 0,
    parameter INPUT_WIDTH = 12,
    parameter ACTIVATION_WIDTH = 12,
    parameter OUTPUT_WIDTH = 12,
    parameter SPECTRUM_WIDTH = 10,
    parameter PRODUCT_WIDTH = 11,
    parameter WEIGHT_WIDTH = 9,
    parameter WEIGHT_BITS = 16,
    parameter BIAS_WIDTH = 9,
    parameter LAYER_WIDTH = 4,
    parameter COMMAND_WIDTH = 14,
    parameter STREAM_WIDTH = 12
) (
    input  wire        clk,
    input  wire        rst_i,
    input  wire [15:0] count_i,
    input  wire [23:0] command_count_i,
    input  wire [23:0] stream_beats_i,
    input  wire [31:0] stall_seed_i,
    input  wire [31:0] reset_at_i,
    output wire        done_o,
    output reg         write_refused_o,  // a write was answered with an error, or none was made that was answered
    output reg         read_refused_o,
    output reg  [ 3:0] refused_reads_o
);
  localparam BEAT = 16 << LOG2_STREAM;
  localparam [STREAM_WIDTH-1:0] ONE = 1;

  reg [31:0] random_q, clock_q;
  wire again = (reset_at_i != 32'd0) && (clock_q == reset_at_i || clock_q == reset_at_i + 32'd1);
  wire rst = rst_i || again;
  wire stalling = (stall_seed_i != 32'd0);
  wire [7:0] allowed = stalling ? random_q[7:0] | random_q[15:8] : 8'hff;
  always @(posedge clk) begin
    random_q <= rst_i ? ((stall_seed_i == 32'd0) ? 32'd1 : stall_seed_i)
                      : {1'b0, random_q[31:1]} ^ (random_q[0] ? 32'h80200003 : 32'd0);
    clock_q  <= rst_i ? 32'd0 : clock_q + 32'd1;
  end

  // Commands.
  wire [39:0] command;
  reg [23:0] command_q;
  reg offered_q, loaded_q, unanswered_q;
  wire aw_ready, w_ready, b_valid;
  wire [1:0] b_resp;
  wire b_ready = allowed[0];
  memory #(.WIDTH(40), .ADDRESS_WIDTH(COMMAND_WIDTH)) u_commands (
      .clk(clk),
      .write_i(1'b0),
      .write_address_i({COMMAND_WIDTH{1'b0}}),
      .data_i(40'd0),
      .read_address_i(command_q[COMMAND_WIDTH-1:0]),
      .data_o(command)
  );
  always @(posedge clk) begin
    if (rst) begin
      command_q <= 24'd0;
      offered_q <= 1'b0;
      loaded_q <= 1'b0;
      unanswered_q <= 1'b0;
      write_refused_o <= 1'b0;
    end else begin
      if (offered_q && aw_ready) unanswered_q <= 1'b1;
      else if (b_valid && b_ready) unanswered_q <= 1'b0;
      // The word stands a cycle after its address.
      if (offered_q && aw_ready) begin
        offered_q <= 1'b0;
        command_q <= command_q + 24'd1;
      end else if (!offered_q && !loaded_q && command_q != command_count_i && fetched_q && allowed[1]) offered_q <= 1'b1;
      if (b_valid && b_ready) begin
        if (b_resp != 2'b00 || !unanswered_q) write_refused_o <= 1'b1;
        if (command_q == command_count_i) loaded_q <= 1'b1;
      end
    end
  end
  reg fetched_q;
  always @(posedge clk) fetched_q <= !rst && !(offered_q && aw_ready);

  // Beats in and out.
  wire [BEAT:0] beat;
  reg [STREAM_WIDTH-1:0] input_address_q, output_address_q;
  reg [23:0] sent_q;
  reg [15:0] taken_q;
  reg offering_q;
  wire ready, valid, last;
  wire [BEAT-1:0] words, unused_words;
  wire input_beat = offering_q && ready;
  wire output_beat = valid && allowed[3];
  wire [STREAM_WIDTH-1:0] input_address_d = input_beat ? input_address_q + ONE : input_address_q;
  wire [23:0] sent_d = input_beat ? sent_q + 24'd1 : sent_q;
  memory #(.WIDTH(BEAT + 1), .ADDRESS_WIDTH(STREAM_WIDTH)) u_inputs (
      .clk(clk),
      .write_i(1'b0),
      .write_address_i({STREAM_WIDTH{1'b0}}),
      .data_i({(BEAT + 1) {1'b0}}),
      .read_address_i(input_address_d),
      .data_o(beat)
  );
  memory #(.WIDTH(BEAT), .ADDRESS_WIDTH(STREAM_WIDTH)) u_outputs (
      .clk(clk),
      .write_i(output_beat),
      .write_address_i(output_address_q),
      .data_i(words),
      .read_address_i({STREAM_WIDTH{1'b0}}),
      .data_o(unused_words)
  );
  always @(posedge clk) begin
    if (rst) begin
      input_address_q <= {STREAM_WIDTH{1'b0}};
      output_address_q <= {STREAM_WIDTH{1'b0}};
      sent_q <= 24'd0;
      taken_q <= 16'd0;
      offering_q <= 1'b0;
    end else begin
      input_address_q <= input_address_d;
      sent_q <= sent_d;
      offering_q <= loaded_q && (sent_d < stream_beats_i) && ((offering_q && !input_beat) || allowed[2]);
      if (output_beat) begin
        output_address_q <= output_address_q + ONE;
        if (last) taken_q <= taken_q + 16'd1;
      end
    end
  end

  // Registers, read when all vectors are there.
  reg [3:0] register_q;
  reg reading_q;
  wire ar_ready, r_valid;
  wire [31:0] r_data, unused_register;
  wire [1:0] r_resp;
  wire r_ready = allowed[5];
  assign done_o = register_q[3];
  memory #(.WIDTH(32), .ADDRESS_WIDTH(3)) u_registers (
      .clk(clk),
      .write_i(r_valid && r_ready),
      .write_address_i(register_q[2:0]),
      .data_i(r_data),
      .read_address_i(3'd0),
      .data_o(unused_register)
  );
  always @(posedge clk) begin
    if (rst) begin
      register_q <= 4'd0;
      reading_q <= 1'b0;
      read_refused_o <= 1'b0;
      refused_reads_o <= 4'd0;
    end else begin
      if (reading_q && ar_ready) reading_q <= 1'b0;
      else if (taken_q == count_i && !reading_q && !r_valid && !done_o && !waiting_q && allowed[4]) reading_q <= 1'b1;
      if (r_valid && r_ready) begin
        register_q <= register_q + 4'd1;
        if (r_resp != 2'b00) begin
          read_refused_o  <= 1'b1;
          refused_reads_o <= refused_reads_o + 4'd1;
        end
      end
    end
  end
  reg waiting_q;  // for an answer
  always @(posedge clk) waiting_q <= !rst && ((reading_q && ar_ready) || (waiting_q && !(r_valid && r_ready)));

  wire [(2<<LOG2_STREAM)-1:0] unused_keep;
  circulant_pipeline_axi #(
      .LOG2_PATHS(LOG2_PATHS),
      .BLOCKS(BLOCKS),
      .LOG2_K_MAX(LOG2_K_MAX),
      .LOG2_STREAM(LOG2_STREAM),
      .VECTOR(VECTOR),
      .TABLES(TABLES),
      .INPUT_WIDTH(INPUT_WIDTH),
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .OUTPUT_WIDTH(OUTPUT_WIDTH),
      .SPECTRUM_WIDTH(SPECTRUM_WIDTH),
      .PRODUCT_WIDTH(PRODUCT_WIDTH),
      .WEIGHT_WIDTH(WEIGHT_WIDTH),
      .WEIGHT_BITS(WEIGHT_BITS),
      .BIAS_WIDTH(BIAS_WIDTH),
      .LAYER_WIDTH(LAYER_WIDTH)
  ) u_axi (
      .aclk(clk),
      .aresetn(!rst),
      .s_axil_awaddr(offered_q ? command[39:32] : ~command[39:32]),
      .s_axil_awvalid(offered_q),
      .s_axil_awready(aw_ready),
      .s_axil_wdata(offered_q ? command[31:0] : ~command[31:0]),
      .s_axil_wvalid(offered_q),
      .s_axil_wready(w_ready),
      .s_axil_bresp(b_resp),
      .s_axil_bvalid(b_valid),
      .s_axil_bready(b_ready),
      .s_axil_araddr(reading_q ? {3'd0, register_q[2:0], 2'b00} : ~{3'd0, register_q[2:0], 2'b00}),
      .s_axil_arvalid(reading_q),
      .s_axil_arready(ar_ready),
      .s_axil_rdata(r_data),
      .s_axil_rresp(r_resp),
      .s_axil_rvalid(r_valid),
      .s_axil_rready(r_ready),
      .s_axis_tdata(beat[BEAT-1:0]),
      .s_axis_tvalid(offering_q),
      .s_axis_tready(ready),
      .s_axis_tlast(beat[BEAT]),
      .m_axis_tdata(words),
      .m_axis_tkeep(unused_keep),
      .m_axis_tvalid(valid),
      .m_axis_tready(allowed[3]),
      .m_axis_tlast(last)
  );

  wire _unused_ok = &{
    1'b0, allowed, command_q, w_ready, unused_words, unused_register, unused_keep
  };
endmodule

`default_nettype wire
