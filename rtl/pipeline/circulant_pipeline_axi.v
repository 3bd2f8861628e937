// The streaming engine behind AXI: AXI4-Stream data, AXI4-Lite control and loading, so that one bitstream runs any network
// that fits. Registers of 32 bits, byte addresses:
//   0x00 control   rw  bit 0: run; while it is 0 the engine is in reset and its memories may be filled
//   0x04 status    r   bit 0: nothing under way; bit 1: a tlast was missing; bit 2: a tlast came early
//   0x08 shape     r   log2 paths (3:0), log2 of the words of a beat (7:4), blocks (15:8), log2 of the largest block (23:16),
//                      16 less the bits of a weight (27:24)
//   0x0c vectors   r   taken (15:0), sent (31:16), since run was set
//   0x10 cycles    r   since run was set
//   0x20 place     w   address of the next word to load (23:0), its region (26:24); starts at limb 0
//   0x24 limbs     w   limbs of a word of that region (7:0)
//   0x28 data      w   the next limb; after the last of a word comes the next word
// Regions and words as in src/rtl/pipeline/images.ts. A read or write elsewhere is answered with SLVERR.
`default_nettype none

module circulant_pipeline_axi #(
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
    parameter TWIDDLE_IMAGE = ""
) (
    input wire aclk,
    input wire aresetn,

    input  wire [ 7:0] s_axil_awaddr,
    input  wire        s_axil_awvalid,
    output wire        s_axil_awready,
    input  wire [31:0] s_axil_wdata,
    input  wire        s_axil_wvalid,
    output wire        s_axil_wready,
    output reg  [ 1:0] s_axil_bresp,
    output reg         s_axil_bvalid,
    input  wire        s_axil_bready,
    input  wire [ 7:0] s_axil_araddr,
    input  wire        s_axil_arvalid,
    output wire        s_axil_arready,
    output reg  [31:0] s_axil_rdata,
    output reg  [ 1:0] s_axil_rresp,
    output reg         s_axil_rvalid,
    input  wire        s_axil_rready,

    input  wire [(16<<LOG2_STREAM)-1:0] s_axis_tdata,
    input  wire                         s_axis_tvalid,
    output wire                         s_axis_tready,
    input  wire                         s_axis_tlast,

    output wire [(16<<LOG2_STREAM)-1:0] m_axis_tdata,
    output wire [ (2<<LOG2_STREAM)-1:0] m_axis_tkeep,
    output wire                         m_axis_tvalid,
    input  wire                         m_axis_tready,
    output wire                         m_axis_tlast
);
  localparam [1:0] OKAY = 2'b00, SLVERR = 2'b10;
  localparam [31:0] PATHS_BITS = LOG2_PATHS, STREAM_BITS = LOG2_STREAM, ALL_BLOCKS = BLOCKS, K_BITS = LOG2_K_MAX;
  localparam [31:0] NARROWER = 16 - WEIGHT_BITS;
  localparam [31:0] SHAPE = {4'd0, NARROWER[3:0], K_BITS[7:0], ALL_BLOCKS[7:0], STREAM_BITS[3:0], PATHS_BITS[3:0]};

  reg run_q, rst_q;
  always @(posedge aclk) rst_q <= !aresetn || !run_q;

  // An address and its word are taken together, when no answer waits.
  wire write = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  assign s_axil_awready = write;
  assign s_axil_wready = write;
  wire [7:0] write_address = {s_axil_awaddr[7:2], 2'b00};
  wire write_known = (write_address == 8'h00) || (write_address == 8'h20) || (write_address == 8'h24)
                     || (write_address == 8'h28);

  reg load_q;
  reg [2:0] region_q;
  reg [7:0] limb_q, limbs_q, load_limb_q;
  reg [23:0] place_q, load_place_q;
  reg [31:0] load_data_q;
  wire limb_last = (limb_q + 8'd1 == limbs_q);
  always @(posedge aclk) begin
    if (!aresetn) begin
      run_q <= 1'b0;
      load_q <= 1'b0;
      region_q <= 3'd0;
      limb_q <= 8'd0;
      limbs_q <= 8'd1;
      place_q <= 24'd0;
      s_axil_bvalid <= 1'b0;
    end else begin
      load_q <= write && (write_address == 8'h28);
      if (write) begin
        s_axil_bvalid <= 1'b1;
        case (write_address)
          8'h00: run_q <= s_axil_wdata[0];
          8'h20: begin
            place_q  <= s_axil_wdata[23:0];
            region_q <= s_axil_wdata[26:24];
            limb_q   <= 8'd0;
          end
          8'h24: limbs_q <= s_axil_wdata[7:0];
          8'h28: begin
            limb_q <= limb_last ? 8'd0 : limb_q + 8'd1;
            if (limb_last) place_q <= place_q + 24'd1;
          end
          default: ;
        endcase
      end else if (s_axil_bready) s_axil_bvalid <= 1'b0;
    end
    if (write) s_axil_bresp <= write_known ? OKAY : SLVERR;
    load_limb_q  <= limb_q;
    load_place_q <= place_q;
    load_data_q  <= s_axil_wdata;
  end

  // What is read.
  wire idle, tlast_missing, tlast_unexpected;
  reg [15:0] taken_q, sent_q;
  reg [31:0] cycles_q;
  wire read = s_axil_arvalid && !s_axil_rvalid;
  assign s_axil_arready = read;
  wire [7:0] read_address = {s_axil_araddr[7:2], 2'b00};
  always @(posedge aclk) begin
    if (!aresetn) s_axil_rvalid <= 1'b0;
    else if (read) s_axil_rvalid <= 1'b1;
    else if (s_axil_rready) s_axil_rvalid <= 1'b0;

    if (read) begin
      s_axil_rresp <= OKAY;
      case (read_address)
        8'h00: s_axil_rdata <= {31'd0, run_q};
        8'h04: s_axil_rdata <= {29'd0, tlast_unexpected, tlast_missing, idle};
        8'h08: s_axil_rdata <= SHAPE;
        8'h0c: s_axil_rdata <= {sent_q, taken_q};
        8'h10: s_axil_rdata <= cycles_q;
        default: begin
          s_axil_rdata <= 32'd0;
          s_axil_rresp <= SLVERR;
        end
      endcase
    end

    if (rst_q) begin
      taken_q  <= 16'd0;
      sent_q   <= 16'd0;
      cycles_q <= 32'd0;
    end else begin
      if (s_axis_tvalid && s_axis_tready && s_axis_tlast) taken_q <= taken_q + 16'd1;
      if (m_axis_tvalid && m_axis_tready && m_axis_tlast) sent_q <= sent_q + 16'd1;
      cycles_q <= cycles_q + 32'd1;
    end
  end

  wire [4:0] unused_busy;
  wire [5:0] unused_traces;
  wire [(32<<LOG2_PATHS)-1:0] unused_spectra, unused_products, unused_transforms, unused_outputs;
  wire [(64<<LOG2_PATHS)-1:0] unused_sums;
  wire [(2<<LOG2_PATHS)-1:0] unused_inside;
  wire [(VECTOR==0?32:32*VECTOR)-1:0] unused_vector_sums;
  wire [(VECTOR==0?16:16*VECTOR)-1:0] unused_vector_words;
  circulant_pipeline #(
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
      .LAYER_WIDTH(LAYER_WIDTH),
      .TWIDDLE_IMAGE(TWIDDLE_IMAGE)
  ) u_pipeline (
      .clk(aclk),
      .rst_i(rst_q),
      .s_axis_tdata(s_axis_tdata),
      .s_axis_tvalid(s_axis_tvalid),
      .s_axis_tready(s_axis_tready),
      .s_axis_tlast(s_axis_tlast),
      .m_axis_tdata(m_axis_tdata),
      .m_axis_tkeep(m_axis_tkeep),
      .m_axis_tvalid(m_axis_tvalid),
      .m_axis_tready(m_axis_tready),
      .m_axis_tlast(m_axis_tlast),
      .load_i(load_q),
      .load_region_i(region_q),
      .load_address_i(load_place_q),
      .load_limb_i(load_limb_q),
      .load_data_i(load_data_q),
      .idle_o(idle),
      .tlast_missing_o(tlast_missing),
      .tlast_unexpected_o(tlast_unexpected),
      .trace_spectra_o(unused_traces[0]),
      .trace_spectra_row_o(unused_spectra),
      .trace_sums_o(unused_traces[1]),
      .trace_sums_row_o(unused_sums),
      .trace_products_o(unused_traces[2]),
      .trace_products_row_o(unused_products),
      .trace_transforms_o(unused_traces[3]),
      .trace_transforms_row_o(unused_transforms),
      .trace_vector_o(unused_traces[4]),
      .trace_vector_sums_o(unused_vector_sums),
      .trace_vector_words_o(unused_vector_words),
      .trace_outputs_o(unused_traces[5]),
      .trace_outputs_inside_o(unused_inside),
      .trace_outputs_row_o(unused_outputs),
      .busy_units_o(unused_busy)
  );

  wire _unused_ok = &{
    1'b0, s_axil_awaddr[1:0], s_axil_araddr[1:0], unused_busy, unused_traces, unused_spectra, unused_sums,
    unused_products, unused_transforms, unused_inside, unused_outputs, unused_vector_sums, unused_vector_words
  };
endmodule

`default_nettype wire
